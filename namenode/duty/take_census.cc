#include <algorithm>
#include <map>
#include <set>

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
// Without any change: datanodes may have got room.
constexpr std::int64_t REPEAT_SHORT_MS = 600'000;

// Whether copies stand on one rack although another one has a datanode that takes more. Holds while
// no datanode comes or goes: a slice.
CountReplicas::OneRack rackWatch(State& state) {
  std::map<NodeId, std::string_view> racks;  // of those that are not given up
  std::set<std::string_view> all;
  for (const auto& [node, datanode] : state.datanodes.all()) {
    if (state.isGone(node)) continue;
    racks.emplace(node, datanode.rack);
    all.insert(datanode.rack);
  }
  if (all.size() < 2) return {};
  std::set<std::string_view> open;
  for (const auto& candidate : state.datanodes.candidates(state.awakeMs())) {
    if (candidate.unfit.empty()) open.insert(candidate.rack);
  }
  return [racks = std::move(racks), open = std::move(open)](std::span<const NodeId> nodes) {
    std::string_view only;
    for (const NodeId node : nodes) {
      const auto rack = racks.find(node);
      if (rack == racks.end()) continue;
      if (!only.empty() && rack->second != only) return false;
      only = rack->second;
    }
    return !only.empty() && open.size() > (open.contains(only) ? 1 : 0);
  };
}

// Has the chunks looked at whose copies are too few or too many, or all on one rack. Holds while no
// datanode comes or goes: a slice.
CountReplicas::Unusual reviewer(State& state, const CountReplicas::OneRack& oneRack) {
  std::vector<NodeId> fit;
  for (const auto& candidate : state.datanodes.candidates(state.awakeMs())) {
    if (candidate.unfit.empty()) fit.push_back(candidate.node);
  }
  return [&state, &oneRack, fit = std::move(fit)](ChunkId chunk, std::span<const NodeId> nodes,
                                                  std::uint32_t wanted) {
    const auto good = std::ranges::count_if(nodes, [&](NodeId node) {
      return !state.isGone(node) && !state.suspects.contains(node, chunk);
    });
    if (good > wanted) {
      state.repairs.review(chunk, RepairNeed::UNSURE);
    } else if (good < wanted && !std::ranges::includes(nodes, fit)) {
      // Some datanode has none yet.
      state.repairs.review(chunk, good <= 1 ? RepairNeed::LAST_COPY : RepairNeed::SHORT);
    } else if (good == wanted && wanted > 1 && oneRack && oneRack(nodes)) {
      state.repairs.review(chunk, RepairNeed::ONE_RACK);
    }
  };
}

}  // namespace

kj::Promise<void> takeCensus(State& state) {
  std::int64_t lastMs = state.monotonicMs() - REPEAT_MS;
  std::uint64_t lastGroup = 0;
  std::uint64_t reviewedVersion = 0;  // State::nodesVersion that chunks were reviewed for
  while (true) {
    const std::int64_t nowMs = state.monotonicMs();
    const bool nodesChanged =
        !state.census.valid || state.census.nodesVersion != state.nodesVersion;
    // While safe mode waits for it, as soon as anything was reported.
    const bool due = (state.safeMode.starting() || nowMs - lastMs >= REPEAT_MS) &&
                     state.commits.durableGroup().value != lastGroup;
    const auto& last = state.census.counts;
    const bool shortStill =
        last.underReplicated + last.oneRack > 0 && nowMs - lastMs >= REPEAT_SHORT_MS;
    // Nothing is repaired in safe mode.
    const bool review = !state.safeMode.on() && reviewedVersion != state.nodesVersion;
    if (!nodesChanged && !due && !shortStill && !review) {
      co_await pause(state, LOOK_MS);
      continue;
    }
    lastMs = nowMs;
    lastGroup = state.commits.durableGroup().value;
    const std::uint64_t version = state.nodesVersion;
    if (!state.safeMode.on()) reviewedVersion = version;
    CountReplicas count;
    Result<bool> done = false;
    while (true) {
      const auto oneRack = rackWatch(state);
      done = count.step(
          *state.store->snapshot(), state.reachable(), state.suspect(), CHUNKS_A_SLICE,
          state.safeMode.on() ? CountReplicas::Unusual() : reviewer(state, oneRack), oneRack);
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
