// What the RPC interfaces of one datanode share, and the door through which every call comes in:
// once it is shut, no call touches the datanode any more, however long connections and callers live
// on. Layer: datanode/service.  Threads: one event loop.
#pragma once

#include <kj/async.h>
#include <kj/debug.h>
#include <kj/refcount.h>

#include <cstdint>
#include <map>
#include <memory>

#include "common/async/coroutine.h"
#include "common/base/fault.h"
#include "common/metrics/metrics.h"
#include "common/rpc/client_pool.h"
#include "common/rpc/host.h"
#include "datanode/pipeline/pipeline_writer.h"
#include "datanode/service/volume_gauges.h"
#include "datanode/store/buffer_budget.h"
#include "datanode/store/replica_store.h"

namespace cairn::dn {

struct NodeMetrics {
  explicit NodeMetrics(metrics::Registry& registry);

  metrics::Counter& bytesWritten;  // stored bytes of packets answered
  metrics::Counter& bytesRead;     // stored bytes of frames sent
  metrics::Counter& descriptors;   // replicas handed out over the Unix socket
  metrics::Counter& readFailures;
  metrics::Counter& writeFailures;
  // As of the last heartbeat.
  metrics::Gauge& bufferBytes;
  metrics::Gauge& bufferWaiters;
  metrics::Gauge& windowBytes;
  metrics::Gauge& reportsWaiting;
  metrics::Gauge& writers;
  metrics::Gauge& replicas;
  metrics::Gauge& quarantined;
  metrics::Gauge& volumesInService;
};

class Node {
public:
  // Replicas being written at a time, at most; each has a file open and a window of bytes on their
  // way.
  static constexpr std::size_t WRITERS_MAX = 1024;
  // What writers may have on their way together, in budgets of buffers.
  static constexpr std::uint64_t WINDOWS_PER_BUDGET = 2;
  // Reads under way at a time, at most. With the writers they stay below the 4096 jobs of clients
  // that a volume's queue takes, so that readers never make a writer fail.
  static constexpr std::uint32_t READS_MAX = 2048;

  Node(rpc::Host& host, ReplicaStore& store, BufferBudget& budget)
      : host(host),
        store(store),
        budget(budget),
        windows(WINDOWS_PER_BUDGET * budget.totalBytes()),
        metrics(host.metrics),
        volumeGauges(host.metrics) {}
  KJ_DISALLOW_COPY(Node);

  // UNAVAILABLE before the first registration; STALE when the caller means another node.
  Result<void> check(std::uint32_t meantNode) const;
  void updateGauges();
  // UNAVAILABLE, STALE, or OVERLOADED.
  Result<void> checkWriter(std::uint32_t meantNode) const;
  std::uint32_t transfers() const {
    return static_cast<std::uint32_t>(writers.size()) + reads + fetches;
  }

  rpc::Host& host;
  ReplicaStore& store;
  BufferBudget& budget;
  WindowPool windows;
  NodeMetrics metrics;
  VolumeGauges volumeGauges;
  NodeId self;                     // 0 before the first registration
  kj::Own<rpc::ClientPool> peers;  // null before it
  std::map<std::uint64_t, kj::Own<PipelineWriter>> writers;
  std::uint64_t lastWriter = 0;
  std::uint32_t reads = 0;    // under way
  std::uint32_t fetches = 0;  // copies being taken from other nodes
};

class Door final : public kj::Refcounted {
public:
  explicit Door(Node& node) : node_(&node) {}

  // Runs `call(Node&)`, a coroutine, until it ends or the door is shut; then it breaks with
  // DISCONNECTED.
  template <typename Call>
  kj::Promise<void> enter(Call call) {
    if (node_ == nullptr) return KJ_EXCEPTION(DISCONNECTED, "the datanode was stopped");
    return calls_.wrap(call(*node_));
  }
  // Null once shut.
  Node* node() { return node_; }
  // Calls under way are dropped at once, and the replicas being written left unfinished.
  void shut();

private:
  Node* node_;
  kj::Canceler calls_;
};

// Fails or waits, as an armed fault point says.
kj::Promise<Result<void>> passFault(kj::Timer& timer, FaultAction action);

}  // namespace cairn::dn
