#include <algorithm>
#include <map>

#include "common/log/log.h"
#include "namenode/duty/duty.h"
#include "namenode/duty/state_gauges.h"

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
  StateGauges gauges(state.host.metrics);
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
    gauges.update(state);
  }
}

}  // namespace cairn::nn
