#include "common/log/log.h"
#include "namenode/duty/duty.h"
#include "namenode/ops/forget_datanode.h"

namespace cairn::nn {
namespace {

constexpr std::uint32_t LOOK_MS = 1000;
// Where all datanodes start anew and some have changed addresses, each needs a while to come.
constexpr std::int64_t FORGET_AFTER_MS = 60'000;
constexpr std::uint32_t TROUBLE_MS = 5000;
constexpr std::size_t ROWS_A_STEP = 500;  // a few milliseconds of the loop

NodeId anyReplaced(const State& state) {
  for (const auto& [node, datanode] : state.datanodes.all()) {
    if (datanode.replaced && state.monotonicMs() - datanode.replacedMs >= FORGET_AFTER_MS) {
      return node;
    }
  }
  return NodeId();
}

}  // namespace

kj::Promise<void> forgetDatanodes(State& state) {
  while (true) {
    const NodeId node = anyReplaced(state);
    if (!node) {
      co_await pause(state, LOOK_MS);
      continue;
    }
    const auto applied = state.applyDuty(
        [&](Draft& draft) { return forgetDatanode(draft, node, ROWS_A_STEP); }, true);
    if (!applied.answer.has_value()) {
      LOG(WARNING) << "cannot forget datanode " << node.value << ": "
                   << applied.answer.error().message();
      co_await pause(state, TROUBLE_MS);
      continue;
    }
    // One step in flight: calls go first. And what is told to be gone does not come back with a
    // restart.
    const auto durable = co_await state.commits.durable(applied.rests);
    if (!durable.has_value()) co_return;
    const Datanode* const known = state.datanodes.find(node);
    // It may have come back meanwhile, with a row of its own again.
    if (!applied.answer->flag() && known != nullptr && known->replaced) {
      LOG(INFO) << "datanode " << node.value << " is forgotten: another has taken its place";
      state.datanodes.remove(node);
      state.suspects.forgetAll(node);
      state.repairs.endAll(node);
      state.datanodesChanged();
    }
    co_await kj::evalLater([]() {});
  }
}

}  // namespace cairn::nn
