#include "namenode/ops/reclaim.h"

#include "common/base/fault.h"
#include "common/log/log.h"
#include "namenode/duty/duty.h"

namespace cairn::nn {
namespace {

// One step: a few milliseconds of the loop, a few hundred KiB of changes.
constexpr std::size_t ROWS_A_STEP = 500;
constexpr std::uint32_t IDLE_MS = 250;  // between looks for something to do
constexpr std::uint32_t TROUBLE_MS = 5000;

}  // namespace

kj::Promise<void> reclaimRemoved(State& state) {
  InodeId from;
  while (true) {
    const bool anything = state.commits.last().counts().garbage() > 0;
    if (!anything || state.safeMode.on()) {
      from = InodeId();
      co_await pause(state, IDLE_MS);
      continue;
    }
    if (auto armed = faultError("nn.reclaim.before_batch"); !armed.has_value()) {
      co_await pause(state, IDLE_MS);
      continue;
    }
    auto applied = state.applyDuty([&](Draft& draft) { return reclaim(draft, from, ROWS_A_STEP); });
    if (!applied.answer.has_value()) {
      LOG_EVERY_N(WARNING, 10) << "reclaiming waits: " << applied.answer.error().message();
      co_await pause(state, TROUBLE_MS);
      continue;
    }
    if (applied.answer->flag()) {
      from = InodeId(applied.answer->entry().id());
    } else if (from) {
      from = InodeId();  // what is left stands before
    } else {
      co_await pause(state, IDLE_MS);  // nothing there, whatever the count says: do not spin
    }
    // One step in flight: calls go first.
    auto durable = co_await state.commits.durable(applied.rests);
    if (!durable.has_value()) co_return;
    co_await kj::evalLater([]() {});
  }
}

}  // namespace cairn::nn
