// Datanodes in memory that can be told to fail in every way a real one does. They keep packets as
// they came (whole frames) and serve them as they are.
#pragma once

#include <kj/async.h>
#include <kj/timer.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cairn/types.h"
#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/rpc/acceptor.h"
#include "common/rpc/host.h"
#include "common/schema/datanode.capnp.h"

namespace cairn::client::fakes {

struct FakePacket {
  std::uint64_t offset = 0;
  std::uint32_t plainLength = 0;
  ByteVector frames;
};

struct FakeReplica {
  ChunkId chunk;
  std::uint64_t generation = 0;
  std::uint32_t frameSize = 0;
  std::vector<FakePacket> packets;
  bool sealed = false;
  std::uint64_t length = 0;
  std::uint32_t plainCrc = 0;
  ByteVector md5;

  // Drops what is behind `to` plain bytes, which must be the border of a packet.
  bool cut(std::uint64_t to);
};

class FakeCluster;

// One datanode: its state, its faults, and its door.
class FakeDatanode {
public:
  // `bind`: where to listen; its port may be 0.
  FakeDatanode(rpc::Host& host, FakeCluster& cluster, std::uint32_t node, std::string bind);
  KJ_DISALLOW_COPY(FakeDatanode);

  kj::Promise<Result<void>> start();
  // As a killed process: nothing is answered any more, connections drop at the loop's next turn,
  // nobody listens. start() brings it back with its replicas.
  void die();
  bool alive() const { return alive_; }
  const DatanodeAddress& address() const { return address_; }

  std::map<std::uint64_t, FakeReplica> replicas;  // by chunk id

  // --- Faults ---
  std::optional<Status> refuseWriters;  // openWriter answers this
  std::optional<Status> refuseReads;
  std::uint64_t window = 0;           // openWriter grants this
  bool stallReads = false;            // accepts and never answers
  std::optional<unsigned> dieAtPush;  // dies when this many pushes were taken, from 0
  std::optional<unsigned> dieAtRead;
  std::optional<Status> refuseResumes;      // openWriter that resumes answers this
  std::optional<Status> refuseCopies;       // fetchReplica answers this
  std::optional<Status> failAtFinish;       // once
  std::optional<Status> failAtSync;         // once
  std::optional<unsigned> stallAtPush;      // hangs when this many pushes were taken, from 0
  std::uint64_t visibleMax = UINT64_MAX;    // stat() and read() show no more of unfinished ones
  std::uint32_t statDelayMs = 0;            // until stat() is answered
  std::uint32_t readDelayMs = 0;            // until a read is answered
  std::uint64_t readPlainMax = UINT64_MAX;  // a reply's plain bytes are cut at a packet's border

  // --- What it saw ---
  unsigned pushes = 0;
  unsigned reads = 0;
  unsigned syncs = 0;
  unsigned resumes = 0;
  std::vector<std::uint64_t> copied;  // plain bytes of each replica fetched by this node

private:
  friend class FakeCluster;
  class Service;
  class Writer;
  rpc::Host& host_;
  FakeCluster& cluster_;
  DatanodeAddress address_;
  const std::string bind_;
  bool alive_ = false;
  std::unique_ptr<rpc::Acceptor> acceptor_;
  kj::Promise<void> closing_ = nullptr;
};

// All datanodes of a test, and what happens between them: the first of a pipeline hands packets on
// by a function call.
class FakeCluster {
public:
  // `count` datanodes, numbered from 1. With `bind` they listen there, else at "datanode<n>".
  FakeCluster(rpc::Host& host, unsigned count, std::string bind = {});

  FakeDatanode& node(std::uint32_t number) { return *nodes_.at(number - 1); }
  std::vector<DatanodeAddress> addresses() const;
  std::size_t size() const { return nodes_.size(); }
  kj::Promise<Result<void>> start();

  // Holds back acknowledgements while set; release() lets the ones held go, in order.
  bool holdAcknowledgements = false;
  void release();
  std::size_t held() const { return held_.size(); }
  // Called at each push, before it is taken.
  std::function<void()> onPush;
  std::uint64_t unacknowledged = 0;     // stored bytes
  std::uint64_t unacknowledgedMax = 0;  // the most there ever were

  kj::Promise<void> acknowledge();

private:
  std::vector<std::unique_ptr<FakeDatanode>> nodes_;
  std::vector<kj::Own<kj::PromiseFulfiller<void>>> held_;
};

}  // namespace cairn::client::fakes
