// The copies that the namenode has ordered because chunks have too few: a few at a time, from the
// first of the named datanodes that sends a good one. Those that cannot be made are told with the
// next heartbeat. Layer: datanode/duty.  Threads: one event loop.
#pragma once

#include <kj/async.h>

#include <cstddef>
#include <deque>
#include <set>
#include <string>
#include <vector>

#include "common/async/coroutine.h"
#include "common/rpc/client_pool.h"
#include "common/rpc/host.h"
#include "common/schema/cluster.capnp.h"
#include "datanode/pipeline/fetch_replica.h"

namespace cairn::dn {

struct CopyOrder {
  struct Source {
    NodeId node;
    std::string address;
  };

  ReplicaKey chunk;
  std::uint64_t length = 0;     // plain bytes
  std::vector<Source> sources;  // in the order to try
};

struct CopyFailure {
  ReplicaKey chunk;
  std::vector<NodeId> damaged;  // the sources that sent it damaged
};

// INVALID_ARGUMENT when it cannot be.
Result<CopyOrder> orderOf(wire::CopyOrder::Reader order);

class ReplicaCopies final : private kj::TaskSet::ErrorHandler {
public:
  // At a time, at most: each waits for its disk, and for the source's.
  static constexpr std::size_t RUNNING_MAX = 4;
  // Waiting at most; those beyond have failed.
  static constexpr std::size_t WAITING_MAX = 10'000;
  // Failures told at a time, at most; of more than so many the newest are forgotten: the namenode
  // gives them up by itself.
  static constexpr std::size_t FAILURES_MAX = 10'000;
  // After which one is given up, and what it may take besides: 4 MiB/s.
  static constexpr std::uint64_t COPY_MS = 120'000;
  static constexpr std::uint64_t COPY_BYTES_PER_MS = 4'194;
  // As for nodes of a pipeline.
  static constexpr std::uint32_t CONNECT_MS = 3'000;

  // `hello`: to the other datanodes. The others outlive it. Destroyed, it drops what it is at.
  ReplicaCopies(rpc::Host& host, ReplicaStore& store, BufferBudget& budget, rpc::ClientHello hello);
  KJ_DISALLOW_COPY(ReplicaCopies);

  // Nothing when a copy of this replica is ordered already.
  void add(CopyOrder order);
  // Forgets what has not begun, and all failures: the namenode orders anew what it still wants.
  void clear();
  std::size_t running() const { return running_; }
  std::size_t waiting() const { return waiting_.size(); }
  // Takes them out, to be told; those that did not arrive are put back.
  std::vector<CopyFailure> takeFailures();
  void putBack(std::vector<CopyFailure> failures);

private:
  void beginNext();
  kj::Promise<void> run(CopyOrder order);
  kj::Promise<void> copy(CopyOrder order);
  void failed(CopyFailure failure);
  void taskFailed(kj::Exception&& exception) override;

  rpc::Host& host_;
  ReplicaStore& store_;
  BufferBudget& budget_;
  rpc::ClientPool peers_;
  std::deque<CopyOrder> waiting_;
  std::set<ReplicaKey> known_;  // waiting or running
  std::vector<CopyFailure> failures_;
  std::size_t running_ = 0;
  kj::TaskSet tasks_;
};

}  // namespace cairn::dn
