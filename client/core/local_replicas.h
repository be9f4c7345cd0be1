// Reads replicas on this machine from their files: a datanode hands out the descriptor of a final
// replica over its Unix socket, and is not asked again.
// Layer: client/core.  Threads: one event loop; file reads and decoding on the work pool.
//
// An open descriptor goes on reading the bytes it was opened for when the replica is deleted or
// replaced meanwhile: frames never change once written.
#pragma once

#include <kj/async.h>

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <tuple>

#include "client/core/buffer_pool.h"
#include "client/core/local_replica.h"
#include "client/core/options.h"
#include "client/core/wire_types.h"
#include "common/async/coroutine.h"
#include "common/base/bytes.h"
#include "common/rpc/client_pool.h"
#include "common/rpc/host.h"

namespace cairn::client {

class LocalReplicas final : private kj::TaskSet::ErrorHandler {
public:
  // `hello` goes out on its connections. `host` and `options` outlive it.
  LocalReplicas(rpc::Host& host, const Options& options, rpc::ClientHello hello,
                std::shared_ptr<BufferPool> buffers);
  ~LocalReplicas() noexcept(false);
  KJ_DISALLOW_COPY(LocalReplicas);

  // Whether a replica of this datanode may be read by descriptor: allowed, on this machine,
  // offered, and not refused before.
  bool mayServe(const DatanodeAddress& node) const;

  // As readRemoteReplica() (remote_replica.h). CORRUPT is the replica's damage. After any other
  // error the caller should read through the node; where the hand-over itself failed, the node is
  // not asked for descriptors any more.
  kj::Promise<Result<std::size_t>> read(const LocatedChunk& chunk, const DatanodeAddress& node,
                                        std::uint64_t offset, MutableBytes to);

  // The replica if it is open now, else null.
  std::shared_ptr<const LocalReplica> opened(const ChunkLocation& chunk,
                                             const DatanodeAddress& node) const;

  // Replicas kept open, the longest unused closed first.
  static constexpr std::size_t OPEN_MAX = 256;

private:
  using Key = std::tuple<std::uint64_t, std::uint64_t, std::uint32_t>;  // chunk, generation, node
  using Replica = std::shared_ptr<const LocalReplica>;
  struct Open {
    Replica replica;
    std::list<Key>::iterator used;
  };

  // Opened already, being opened, or opened now.
  kj::Promise<Result<Replica>> get(const Key& key, std::string token, std::string socket);
  kj::Promise<Result<Replica>> open(Key key, std::string token, std::string socket);
  kj::Promise<Result<Replica>> handOver(Key key, std::string token, std::string socket);
  void keep(const Key& key, Replica replica);
  void forget(const Key& key);
  void taskFailed(kj::Exception&& exception) override;

  rpc::Host& host_;
  const Options& options_;
  rpc::ClientPool connections_;
  const std::shared_ptr<BufferPool> buffers_;
  std::map<Key, Open> open_;
  std::list<Key> recent_;            // the last used first
  std::set<std::uint32_t> refused_;  // nodes whose hand-over failed
  // One call for all who ask for the same replica at once. Last, with the tasks that clear it up:
  // they use the rest.
  std::map<Key, kj::ForkedPromise<Result<Replica>>> opening_;
  kj::TaskSet tasks_;
};

}  // namespace cairn::client
