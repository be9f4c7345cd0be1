#include <string>

#include "common/log/log.h"
#include "namenode/duty/duty.h"
#include "namenode/ops/recover_chunk.h"
#include "namenode/ops/release_lease.h"

namespace cairn::nn {
namespace {

constexpr std::uint32_t LOOK_MS = 500;        // a sixth of a heartbeat, with which orders go out
constexpr std::size_t ATTEMPTS_A_LOOK = 100;  // a row each

std::vector<RecoveryBook::Node> placesOf(const State& state, const RecoveryTarget& target) {
  const auto reachable = state.reachable();
  std::vector<RecoveryBook::Node> places;
  for (const NodeId node : target.nodes) {
    places.push_back({.node = node, .live = reachable(node), .gone = state.isGone(node)});
  }
  for (const NodeId node : target.older) {
    places.push_back(
        {.node = node, .live = reachable(node), .gone = state.isGone(node), .older = true});
  }
  return places;
}

// An order and who gets it.
struct Due {
  NodeId primary;
  RecoveryOrder order;
};

// Makes the next attempt for this file, if there is one to be made now.
Result<std::optional<Due>> attempt(State& state, InodeId file) {
  std::optional<Due> due;
  bool over = false;
  const auto applied = state.applyDuty([&](Draft& draft) -> Result<Outcome> {
    ASSIGN(auto target, findRecovery(draft, file));
    if (!target.has_value()) {
      over = true;
      return Outcome();
    }
    auto next = state.recoveries.attempt(file, placesOf(state, *target), state.awakeMs());
    if (!next.has_value()) return Outcome();
    due.emplace(next->primary, beginRecovery(draft, state.ids, std::move(*target),
                                             std::move(next->nodes), std::move(next->older)));
    due->order.withoutLost = next->withoutLost;
    return Outcome();
  });
  TRY(applied.answer);
  if (over) {
    // Nothing left to recover, and yet the namenode holds it: close it.
    const auto closed = state.applyDuty(
        [&](Draft& draft) { return releaseLease(draft, state.host.clock.nowMs(), file); });
    TRY(closed.answer);
    state.recoveries.end(file);
  }
  return due;
}

}  // namespace

kj::Promise<void> recoverChunks(State& state) {
  auto& open = state.host.metrics.gauge("cairn_namenode_recoveries_open",
                                        "Files whose last chunk is being recovered");
  auto& attempts = state.host.metrics.counter("cairn_namenode_recovery_attempts_total",
                                              "Chunk recoveries ordered");
  while (true) {
    co_await pause(state, LOOK_MS);
    open.set(static_cast<std::int64_t>(state.recoveries.size()));
    if (state.safeMode.on()) {
      state.recoveries.notYet(state.awakeMs());
      continue;
    }
    std::vector<Due> orders;
    for (const InodeId file :
         state.recoveries.due(state.awakeMs(), ATTEMPTS_A_LOOK, state.reachable())) {
      auto due = attempt(state, file);
      if (!due.has_value()) {
        LOG_EVERY_N(ERROR, 100) << "cannot recover the last chunk of inode " << file.value << ": "
                                << due.error().message();
        if (due.error().code() == Code::CORRUPT) continue;
        break;
      }
      if (due->has_value()) orders.push_back(std::move(**due));
    }
    if (orders.empty()) continue;
    const auto durable = co_await state.commits.durable(state.commits.newest());
    if (!durable.has_value()) co_return;
    for (auto& [primary, order] : orders) {
      LOG(INFO) << "datanode " << primary.value << " is to recover chunk " << order.chunk.value
                << " as generation " << order.newGeneration.value << " on " << order.nodes.size()
                << " datanodes, with " << order.least << " bytes at least"
                << (order.older.empty() ? "" : ", or from copies made before it was opened");
      attempts.add();
      state.orderRecovery(primary, std::move(order));
    }
  }
}

}  // namespace cairn::nn
