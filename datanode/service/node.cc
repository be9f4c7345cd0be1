#include "datanode/service/node.h"

#include <string>

namespace cairn::dn {

NodeMetrics::NodeMetrics(metrics::Registry& registry)
    : bytesWritten(registry.counter("cairn_datanode_written_bytes_total",
                                    "Stored bytes of packets that were written here.")),
      bytesRead(registry.counter("cairn_datanode_read_bytes_total",
                                 "Stored bytes of frames that were sent to readers.")),
      descriptors(registry.counter("cairn_datanode_descriptors_total",
                                   "Replicas opened for readers on this machine.")),
      readFailures(registry.counter("cairn_datanode_read_failures_total",
                                    "Reads that were answered with an error.")),
      writeFailures(registry.counter("cairn_datanode_write_failures_total",
                                     "Steps of pipelines that were answered with an error.")),
      bufferBytes(registry.gauge("cairn_datanode_buffer_bytes",
                                 "Bytes of the buffer budget that are lent out.")),
      bufferWaiters(registry.gauge("cairn_datanode_buffer_waiters",
                                   "Packets and reads that wait for a buffer.")),
      windowBytes(registry.gauge("cairn_datanode_window_bytes",
                                 "Bytes that writers may have on their way, all together.")),
      reportsWaiting(registry.gauge("cairn_datanode_reports_waiting",
                                    "Replicas of which the namenode has not been told yet.")),
      writers(registry.gauge("cairn_datanode_writers", "Replicas being written.")),
      replicas(registry.gauge("cairn_datanode_replicas", "Replicas held, of any state.")),
      quarantined(registry.gauge("cairn_datanode_quarantined_files",
                                 "Damaged or unknown files put aside since the start, or found.")),
      volumesInService(
          registry.gauge("cairn_datanode_volumes_in_service", "Volumes that have not failed.")) {}

void Node::updateGauges() {
  metrics.bufferBytes.set(static_cast<std::int64_t>(budget.usedBytes()));
  metrics.bufferWaiters.set(static_cast<std::int64_t>(budget.waiting()));
  metrics.windowBytes.set(static_cast<std::int64_t>(windows.grantedBytes()));
  metrics.reportsWaiting.set(static_cast<std::int64_t>(store.news().size()));
  metrics.writers.set(static_cast<std::int64_t>(writers.size()));
  metrics.replicas.set(static_cast<std::int64_t>(store.table().size()));
  metrics.quarantined.set(static_cast<std::int64_t>(store.quarantined()));
  metrics.volumesInService.set(static_cast<std::int64_t>(store.volumesInService()));
  volumeGauges.update(store);
}

Result<void> Node::check(std::uint32_t meantNode) const {
  if (!self) {
    constexpr std::uint32_t RETRY_MS = 500;
    return fail(Code::UNAVAILABLE, "this datanode has not registered with its namenode yet",
                RETRY_MS);
  }
  if (NodeId(meantNode) != self) {
    return fail(Code::STALE, "this is datanode " + std::to_string(self.value) + ", not " +
                                 std::to_string(meantNode));
  }
  return {};
}

Result<void> Node::checkWriter(std::uint32_t meantNode) const {
  TRY(check(meantNode));
  constexpr std::uint32_t RETRY_MS = 1000;
  if (writers.size() + fetches >= WRITERS_MAX) {
    return fail(Code::OVERLOADED,
                "this datanode writes " + std::to_string(WRITERS_MAX) +
                    " replicas already, which is the limit",
                RETRY_MS);
  }
  return {};
}

void Door::shut() {
  if (node_ == nullptr) return;
  auto& node = *node_;
  node_ = nullptr;
  calls_.cancel(KJ_EXCEPTION(DISCONNECTED, "the datanode was stopped"));
  node.writers.clear();
}

kj::Promise<Result<void>> passFault(kj::Timer& timer, FaultAction action) {
  if (action) return Result<void>(action.error());
  if (action.delayMs() == 0) return Result<void>();
  return timer.afterDelay(action.delayMs() * kj::MILLISECONDS).then([]() {
    return Result<void>();
  });
}

}  // namespace cairn::dn
