#include <algorithm>
#include <map>

#include "common/log/log.h"
#include "namenode/duty/duty.h"

namespace cairn::nn {
namespace {

constexpr std::uint32_t LOOK_MS = AwakeClock::EVERY_MS;

const char* wordFor(Health health) {
  switch (health) {
    case Health::LIVE: return "is heard of";
    case Health::STALE: return "is silent: no new chunks go to it";
    case Health::DEAD: break;
  }
  return "is dead: it has been silent for too long";
}

}  // namespace

kj::Promise<void> watchDatanodes(State& state) {
  auto& live =
      state.host.metrics.gauge("cairn_namenode_datanodes_live", "Datanodes that are heard of");
  auto& known = state.host.metrics.gauge("cairn_namenode_datanodes_known",
                                         "Datanodes that have ever registered");
  auto& deletes =
      state.host.metrics.gauge("cairn_namenode_deletes_open",
                               "Replicas that datanodes have been told to delete, or will be");
  auto& files = state.host.metrics.gauge("cairn_namenode_files", "Files");
  auto& writers = state.host.metrics.gauge("cairn_namenode_files_open", "Files open for writing");
  auto& safeMode = state.host.metrics.gauge("cairn_namenode_safe_mode", "1 while safe mode is on");
  std::map<NodeId, Health> seen;
  std::int64_t stoodStillMs = 0;
  while (true) {
    co_await pause(state, LOOK_MS);
    if (const auto totalMs = state.stoodStillMs(); totalMs != stoodStillMs) {
      LOG(WARNING) << "the namenode stood still for " << totalMs - stoodStillMs
                   << " ms; nobody counts as silent for that";
      stoodStillMs = totalMs;
    }
    bool changed = false;
    for (const auto& [node, datanode] : state.datanodes.all()) {
      const Health now = state.datanodes.health(datanode, state.awakeMs());
      const auto [it, isNew] = seen.try_emplace(node, now);
      if (!isNew && it->second == now) continue;
      if (!isNew || now == Health::DEAD) {
        LOG(WARNING) << "datanode " << node.value << " (" << datanode.address << ") "
                     << wordFor(now);
        changed = true;
      }
      if (now == Health::DEAD) state.repairs.endAll(node);
      it->second = now;
    }
    if (changed) state.datanodesChanged();
    live.set(static_cast<std::int64_t>(state.datanodes.liveNodes(state.awakeMs())));
    known.set(static_cast<std::int64_t>(state.datanodes.all().size()));
    deletes.set(static_cast<std::int64_t>(state.datanodes.openDeletes()));
    files.set(static_cast<std::int64_t>(state.commits.last().counts().files()));
    writers.set(static_cast<std::int64_t>(state.leases.files()));
    safeMode.set(state.safeMode.on() ? 1 : 0);
  }
}

}  // namespace cairn::nn
