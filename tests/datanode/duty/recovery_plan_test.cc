// Protects acknowledged bytes in the one decision that can lose them: how long a recovered chunk
// is.
#include "datanode/duty/recovery_plan.h"

#include <gtest/gtest.h>

#include "tests/testkit/results.h"

namespace cairn::dn {
namespace {

using State = FoundReplica::State;

NodeReplica at(std::uint32_t node, State state, std::uint64_t length,
               std::uint64_t generation = 1) {
  return {NodeId(node), {GenerationStamp(generation), length, state}};
}

NodeReplica damaged(std::uint32_t node, State state, std::uint64_t length,
                    std::uint64_t generation = 1) {
  auto replica = at(node, state, length, generation);
  replica.found.damaged = true;
  return replica;
}

RecoveryPlan plan(std::uint64_t length, std::vector<std::uint32_t> nodes) {
  RecoveryPlan plan{.length = length, .nodes = {}};
  for (auto node : nodes) plan.nodes.emplace_back(node);
  return plan;
}

Result<RecoveryPlan> planned(std::vector<NodeReplica> replicas,
                             std::optional<std::uint64_t> cut = {}, std::size_t silent = 0) {
  return planRecovery(replicas, {.recorded = GenerationStamp(1), .least = 0, .cut = cut}, silent);
}

// Where that many bytes are known to have been there, and generation 5 is on record.
Result<RecoveryPlan> plannedWith(std::uint64_t least, std::vector<NodeReplica> replicas,
                                 std::size_t silent = 0) {
  return planRecovery(replicas, {.recorded = GenerationStamp(5), .least = least, .cut = {}},
                      silent);
}

TEST(RecoveryPlan, WithoutAFinishedOneTheLeastOfThoseBeingWrittenDecides) {
  EXPECT_EQ(
      planned({at(1, State::WRITING, 100), at(2, State::WRITING, 70), at(3, State::WRITING, 90)})
          .value(),
      plan(70, {1, 2, 3}));
}

// A restart may have lost what was acknowledged; a node without one has not.
TEST(RecoveryPlan, OnesFoundAfterARestartDecideOnlyAmongThemselves) {
  EXPECT_EQ(
      planned({at(1, State::WAITING, 20), at(2, State::WRITING, 70), at(3, State::WAITING, 90)})
          .value(),
      plan(70, {2, 3}));
  EXPECT_EQ(planned({at(1, State::WAITING, 20), at(3, State::WAITING, 90)}).value(),
            plan(20, {1, 3}));
}

TEST(RecoveryPlan, AFinishedOneDecidesAndLongerOnesAreCutToIt) {
  EXPECT_EQ(planned({at(1, State::FINAL, 80), at(2, State::WRITING, 70), at(3, State::WRITING, 80),
                     at(4, State::WAITING, 95)})
                .value(),
            plan(80, {1, 3, 4}));
}

// One that an earlier recovery has finished stands for what that one decided.
TEST(RecoveryPlan, AmongFinishedOnesTheNewestGenerationDecides) {
  EXPECT_EQ(
      planned({at(1, State::FINAL, 100, 1), at(2, State::FINAL, 60, 3), at(3, State::FINAL, 50, 2)})
          .value(),
      plan(60, {1, 2}));
}

TEST(RecoveryPlan, ReplicasWithoutAByteDecideNothing) {
  EXPECT_EQ(planned({at(1, State::WRITING, 0), at(2, State::WAITING, 30)}).value(), plan(30, {2}));
  EXPECT_EQ(planned({at(1, State::WRITING, 0)}).value(), plan(0, {}));
  EXPECT_EQ(planned({}).value(), plan(0, {}));
}

// Protects what was flushed to all from a disk that has lost it in its middle: while another is
// good to its end, that decides, and the damaged one takes part if it has as much.
TEST(RecoveryPlan, ADamagedOneDecidesOnlyWhereThereIsNoOther) {
  EXPECT_EQ(planned({damaged(1, State::WAITING, 20), at(2, State::WAITING, 70),
                     damaged(3, State::WAITING, 90)})
                .value(),
            plan(70, {2, 3}));
  EXPECT_EQ(planned({damaged(1, State::WRITING, 20), at(2, State::WAITING, 70)}).value(),
            plan(70, {2}));
  EXPECT_EQ(planned({damaged(1, State::WAITING, 20), at(2, State::FINAL, 10)}).value(),
            plan(10, {1, 2}));
  EXPECT_EQ(planned({damaged(1, State::WAITING, 20), damaged(2, State::WAITING, 50),
                     at(3, State::WRITING, 0)})
                .value(),
            plan(50, {2}));
  EXPECT_EQ(planned({damaged(1, State::WAITING, 0)}).value(), plan(0, {}));
  EXPECT_EQ(plannedWith(40, {damaged(1, State::WAITING, 20, 5), damaged(2, State::WAITING, 60, 5),
                             damaged(3, State::WAITING, 50, 5)})
                .value(),
            plan(60, {2}));
  EXPECT_CODE(Code::UNAVAILABLE, plannedWith(40, {damaged(1, State::WAITING, 20, 5)}));
}

TEST(RecoveryPlan, SilenceIsNotTakenForNothing) {
  EXPECT_CODE(Code::UNAVAILABLE, planned({at(1, State::WRITING, 0)}, {}, 1));
  EXPECT_EQ(planned({at(1, State::WRITING, 5)}, {}, 1).value(), plan(5, {1}));
}

TEST(RecoveryPlan, ACutIsExactAndShorterOnesAreLeftOut) {
  EXPECT_EQ(planned({at(1, State::FINAL, 100), at(2, State::FINAL, 40)}, 50).value(),
            plan(50, {1}));
  EXPECT_CODE(Code::UNAVAILABLE, planned({at(1, State::FINAL, 40)}, 50));
}

// Protects what was closed or synced from a replica whose disk has lost some of it: it has no say,
// finished (by an attempt that was refused) or not, and nothing is cut to it.
TEST(RecoveryPlan, WhoHasLessThanWasPromisedHasNoSay) {
  EXPECT_EQ(plannedWith(100, {at(1, State::WAITING, 40, 5), at(2, State::WAITING, 130, 5),
                              at(3, State::WAITING, 120, 5)})
                .value(),
            plan(120, {2, 3}));
  EXPECT_EQ(plannedWith(100, {at(1, State::WRITING, 40, 5), at(2, State::WAITING, 100, 5)}).value(),
            plan(100, {2}));
  EXPECT_EQ(plannedWith(100, {at(1, State::FINAL, 40, 7), at(2, State::WAITING, 110, 5)}).value(),
            plan(110, {2}));
  EXPECT_EQ(plannedWith(100, {at(1, State::FINAL, 40, 7), at(2, State::FINAL, 100, 6)}).value(),
            plan(100, {2}));
}

// Protects them when nobody has them: then there is no outcome, whoever answered.
TEST(RecoveryPlan, WithoutThePromisedBytesThereIsNoPlan) {
  EXPECT_CODE(Code::UNAVAILABLE, plannedWith(100, {at(1, State::WAITING, 99, 5)}));
  EXPECT_CODE(Code::UNAVAILABLE, plannedWith(100, {at(1, State::FINAL, 99, 5)}, 1));
  EXPECT_CODE(Code::UNAVAILABLE, plannedWith(100, {at(1, State::WRITING, 0, 5)}));
  EXPECT_CODE(Code::UNAVAILABLE, plannedWith(100, {}));
}

// Protects closed bytes whose writer went on with other nodes, which have lost them; but not at the
// cost of what was written since, while a node that may have it has not answered.
TEST(RecoveryPlan, OlderReplicasDoWhenNoOtherHasEnough) {
  const auto older = at(3, State::FINAL, 100, 2);
  EXPECT_EQ(plannedWith(100, {at(1, State::WAITING, 40, 5), older}).value(), plan(100, {3}));
  EXPECT_EQ(plannedWith(100, {older}).value(), plan(100, {3}));
  EXPECT_EQ(plannedWith(100, {at(1, State::WAITING, 130, 5), older}).value(), plan(130, {1}));
  EXPECT_EQ(plannedWith(100, {at(1, State::WAITING, 100, 5), older}).value(), plan(100, {1}));
  EXPECT_CODE(Code::UNAVAILABLE, plannedWith(100, {older}, 1));
  EXPECT_CODE(Code::UNAVAILABLE, plannedWith(101, {older}));
  // Of a new chunk nothing was promised that an older replica could have.
  EXPECT_EQ(plannedWith(0, {older}).value(), plan(0, {}));
}

TEST(RecoveryPlan, ACutIsMadeFromOlderOnesWhereThereAreNoOthers) {
  const std::vector<NodeReplica> replicas{at(1, State::FINAL, 40, 5), at(3, State::FINAL, 100, 2)};
  EXPECT_EQ(
      planRecovery(replicas, {.recorded = GenerationStamp(5), .least = 50, .cut = 50}, 0).value(),
      plan(50, {3}));
}

}  // namespace
}  // namespace cairn::dn
