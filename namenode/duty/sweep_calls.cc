#include "common/log/log.h"
#include "namenode/duty/duty.h"

namespace cairn::nn {
namespace {

constexpr std::uint32_t SWEEP_MS = 60'000;  // a tenth of the life of a record
constexpr std::size_t ROWS_A_SLICE = 1000;

}  // namespace

kj::Promise<void> sweepCalls(State& state) {
  while (true) {
    co_await pause(state, SWEEP_MS);
    // What makes room in the tables takes some in the log first.
    if (state.safeMode.lowOnSpace()) continue;
    for (bool more = true; more;) {
      more = false;
      const auto applied = state.applyDuty(
          [&](Draft& draft) -> Result<Outcome> {
            ASSIGN(more, state.calls.sweep(draft, state.monotonicMs(), ROWS_A_SLICE));
            return Outcome();
          },
          true);
      if (!applied.answer.has_value()) {
        LOG(WARNING) << "cannot sweep recorded calls: " << applied.answer.error().message();
      }
      co_await kj::evalLater([]() {});
    }
  }
}

}  // namespace cairn::nn
