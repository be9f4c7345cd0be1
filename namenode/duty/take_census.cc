#include "common/log/log.h"
#include "namenode/duty/duty.h"

namespace cairn::nn {
namespace {

constexpr std::size_t CHUNKS_A_SLICE = 500;  // about two milliseconds
// Between slices, while nothing waits for the count: a fifth of the loop at most goes into it.
constexpr std::uint32_t SLICE_PAUSE_MS = 8;
constexpr std::uint32_t TROUBLE_MS = 5000;
constexpr std::uint32_t LOOK_MS = 500;      // for nodes that came or went
constexpr std::int64_t REPEAT_MS = 60'000;  // without a change of nodes

}  // namespace

kj::Promise<void> takeCensus(State& state) {
  std::int64_t lastMs = state.monotonicMs() - REPEAT_MS;
  std::uint64_t lastGroup = 0;
  while (true) {
    const std::int64_t nowMs = state.monotonicMs();
    const bool nodesChanged =
        !state.census.valid || state.census.nodesVersion != state.nodesVersion;
    // While safe mode waits for it, as soon as anything was reported.
    const bool due = (state.safeMode.starting() || nowMs - lastMs >= REPEAT_MS) &&
                     state.commits.durableGroup().value != lastGroup;
    if (!nodesChanged && !due) {
      co_await pause(state, LOOK_MS);
      continue;
    }
    lastMs = nowMs;
    lastGroup = state.commits.durableGroup().value;
    const std::uint64_t version = state.nodesVersion;
    CountReplicas count;
    Result<bool> done = false;
    while (true) {
      done =
          count.step(*state.store->snapshot(), state.reachable(), state.suspect(), CHUNKS_A_SLICE);
      if (!done.has_value() || *done) break;
      // Nodes came or went meanwhile: the next count will tell.
      if (state.safeMode.starting()) {
        co_await kj::evalLater([]() {});
      } else {
        co_await pause(state, SLICE_PAUSE_MS);
      }
    }
    if (!done.has_value()) {
      LOG_EVERY_N(ERROR, 100) << "cannot count replicas: " << done.error().message();
      co_await pause(state, TROUBLE_MS);
      continue;
    }
    state.takeCounts(count.counts(), version);
    co_await pause(state, LOOK_MS);
  }
}

}  // namespace cairn::nn
