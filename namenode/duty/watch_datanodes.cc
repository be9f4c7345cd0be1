#include <algorithm>
#include <map>

#include "common/log/log.h"
#include "namenode/duty/duty.h"

namespace cairn::nn {
namespace {

constexpr std::uint32_t LOOK_MS = 1000;

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
  std::map<NodeId, Health> seen;
  while (true) {
    co_await pause(state, LOOK_MS);
    bool changed = false;
    for (const auto& [node, datanode] : state.datanodes.all()) {
      const Health now = state.datanodes.health(datanode, state.monotonicMs());
      const auto [it, isNew] = seen.try_emplace(node, now);
      if (!isNew && it->second == now) continue;
      if (!isNew || now == Health::DEAD) {
        LOG(WARNING) << "datanode " << node.value << " (" << datanode.address << ") "
                     << wordFor(now);
        changed = true;
      }
      it->second = now;
    }
    if (changed) state.datanodesChanged();
  }
}

}  // namespace cairn::nn
