// Protects the decisions of a writer whose datanodes fail: it goes on with what is left, adds a
// node by HDFS's policy, begins anew where nothing is lost by it, waits for nodes that may come
// back, and ends in a bounded number of steps whatever happens.
#include "client/core/pipeline_plan.h"

#include <gtest/gtest.h>

#include "common/base/limits.h"
#include "common/io/random.h"

namespace cairn::client {
namespace {

using Action = PipelinePlan::Action;
using Situation = PipelinePlan::Situation;

constexpr Situation NOTHING_YET{};
constexpr Situation SENT{.sent = true};
constexpr Situation MIDDLE{.sent = true, .acknowledged = true};

DatanodeAddress node(std::uint32_t number) {
  return {.node = number, .address = "n" + std::to_string(number)};
}
std::vector<DatanodeAddress> nodes(std::uint32_t count) {
  std::vector<DatanodeAddress> all;
  for (std::uint32_t i = 1; i <= count; ++i) all.push_back(node(i));
  return all;
}
std::vector<std::uint32_t> numbers(const PipelinePlan::Step& step) {
  std::vector<std::uint32_t> all;
  for (const auto& one : step.nodes) all.push_back(one.node);
  return all;
}
const Status GONE(Code::UNAVAILABLE, "gone");
const Status DAMAGED(Code::CORRUPT, "damaged");

using Numbers = std::vector<std::uint32_t>;

// HDFS's ReplaceDatanodeOnFailure.DEFAULT, case by case.
TEST(PipelinePlan, ReplacementIsHdfsDefault) {
  EXPECT_FALSE(wantsReplacement(1, 0, true));
  EXPECT_FALSE(wantsReplacement(2, 1, true));
  EXPECT_FALSE(wantsReplacement(3, 2, false));
  EXPECT_TRUE(wantsReplacement(3, 2, true));
  EXPECT_TRUE(wantsReplacement(3, 1, false));
  EXPECT_FALSE(wantsReplacement(3, 3, true));
  EXPECT_TRUE(wantsReplacement(4, 2, false));
  EXPECT_FALSE(wantsReplacement(4, 3, false));
}

// Of a file with more replicas than a pipeline may have datanodes nothing is missing when it has as
// many as it may.
TEST(PipelinePlan, TheLongestPipelineIsWhole) {
  PipelinePlan plan(limits::PIPELINE_NODES_MAX + 4);
  plan.newChunk();
  EXPECT_EQ(plan.next(NOTHING_YET).action, Action::ALLOCATE);
  plan.recorded(nodes(limits::PIPELINE_NODES_MAX));
  EXPECT_EQ(plan.next(SENT).replacements, 0);
  EXPECT_EQ(plan.next({.sent = true, .acknowledged = true, .flushed = true}).replacements, 0);
  plan.failed(node(2), GONE, 1000);
  EXPECT_EQ(plan.next(SENT).replacements, 1);
}

TEST(PipelinePlan, NothingSentBeginsAnewWithoutTheNode) {
  PipelinePlan plan(3);
  plan.newChunk();
  EXPECT_EQ(plan.next(NOTHING_YET).action, Action::ALLOCATE);
  plan.recorded(nodes(3));
  plan.failed(node(2), GONE, 1000);
  const auto step = plan.next(NOTHING_YET);
  EXPECT_EQ(step.action, Action::ALLOCATE);
  EXPECT_EQ(step.pauseMs, 0u);
  EXPECT_EQ(plan.excluded(1000), Numbers{2});
  // Not for ever: the node may be well again.
  EXPECT_TRUE(plan.excluded(1000 + PipelinePlan::EXCLUDE_MS).empty());
}

// Protects what readers may have seen of bytes whose answer has not come: nobody throws it away who
// still has it. There is nothing to copy yet, so a node that is missing is replaced at once.
TEST(PipelinePlan, WhatWasSentIsGoneOnWithAsLongAsANodeIsLeft) {
  PipelinePlan plan(3);
  plan.newChunk();
  plan.recorded(nodes(3));
  plan.failed(node(1), GONE, 0);
  for (const bool finishing : {false, true}) {
    const auto step = plan.next({.sent = true, .finishing = finishing});
    EXPECT_EQ(step.action, Action::RESUME);
    EXPECT_EQ(numbers(step), (Numbers{2, 3}));
    EXPECT_EQ(step.replacements, 1);
  }
  plan.failed(node(2), GONE, 0);
  const auto lone = plan.next(SENT);
  EXPECT_EQ(numbers(lone), Numbers{3});
  EXPECT_EQ(lone.replacements, 2);
  plan.failed(node(3), GONE, 0);
  const auto step = plan.next(SENT);
  EXPECT_EQ(step.action, Action::ALLOCATE);
  EXPECT_EQ(step.pauseMs, 0u);
}

// Protects small files, which are one packet, from ending on fewer nodes than a new pipeline would
// have had. (With something to copy HDFS's policy lets two replicas go on as one.)
TEST(PipelinePlan, APairIsMadeWholeWhileNothingWasAcknowledged) {
  PipelinePlan plan(2);
  plan.newChunk();
  plan.recorded(nodes(2));
  plan.failed(node(1), GONE, 0);
  EXPECT_EQ(plan.next(SENT).replacements, 1);
  EXPECT_EQ(plan.next(MIDDLE).replacements, 0);
}

// Protects a writer in a large cluster whose surviving node cannot send: each replacement fails,
// and there is always another one.
TEST(PipelinePlan, ReplacementsAreNotSoughtForEver) {
  for (const auto& situation : {SENT, MIDDLE}) {
    PipelinePlan plan(3);
    plan.newChunk();
    plan.recorded(nodes(3));
    plan.failed(node(1), GONE, 0);
    plan.failed(node(2), GONE, 0);
    for (unsigned i = 0; i < PipelinePlan::REPLACEMENTS_MAX; ++i) {
      EXPECT_GT(plan.next(situation).replacements, 0);
      plan.failed(node(10 + i), GONE, 0);
    }
    auto step = plan.next(situation);
    EXPECT_EQ(step.replacements, 0);
    EXPECT_EQ(numbers(step), Numbers{3});
    // That went well.
    plan.recorded(step.nodes);
    plan.progressed();
    EXPECT_GT(plan.next(situation).replacements, 0);
  }
}

TEST(PipelinePlan, TheSurvivorsGoOnInTheirOrder) {
  PipelinePlan plan(3);
  plan.newChunk();
  plan.recorded(nodes(3));
  plan.failed(node(1), GONE, 0);
  auto step = plan.next(MIDDLE);
  EXPECT_EQ(step.action, Action::RESUME);
  EXPECT_EQ(numbers(step), (Numbers{2, 3}));
  EXPECT_EQ(step.replacements, 0);
  plan.failed(node(3), DAMAGED, 0);
  step = plan.next(MIDDLE);
  EXPECT_EQ(numbers(step), Numbers{2});
  EXPECT_EQ(step.replacements, 1);
  // At the end repair adds what is missing; nobody waits for a copy.
  EXPECT_EQ(plan.next({.sent = true, .acknowledged = true, .finishing = true}).replacements, 0);
}

// All that hold the chunk failed: those that may only have restarted are asked again, those that
// said something final are not, and a node that left the pipeline earlier is not either: it is
// behind.
TEST(PipelinePlan, NodesThatMayComeBackAreTriedAgainAfterPauses) {
  PipelinePlan plan(2);
  plan.newChunk();
  plan.recorded(nodes(3));
  plan.failed(node(1), GONE, 0);
  plan.recorded({node(2), node(3)});
  plan.failed(node(2), GONE, 0);
  plan.failed(node(3), DAMAGED, 0);
  std::uint32_t pause = PipelinePlan::REVIVAL_PAUSE_MS;
  for (unsigned i = 0; i < PipelinePlan::REVIVALS_MAX; ++i) {
    const auto step = plan.next(MIDDLE);
    ASSERT_EQ(step.action, Action::RESUME);
    EXPECT_EQ(numbers(step), Numbers{2});
    EXPECT_EQ(step.pauseMs, pause);
    pause *= 2;
    plan.failed(node(2), GONE, 0);
  }
  EXPECT_EQ(plan.next(MIDDLE).action, Action::GIVE_UP);
  for (const char* part : {"datanode 1", "datanode 2 (n2): gone", "datanode 3 (n3): damaged"}) {
    EXPECT_NE(plan.failures().find(part), std::string::npos) << plan.failures();
  }
}

TEST(PipelinePlan, ProgressForgivesWhatWasBefore) {
  PipelinePlan plan(1);
  plan.newChunk();
  plan.recorded(nodes(1));
  for (int i = 0; i < 50; ++i) {
    plan.failed(node(1), GONE, 0);
    const auto step = plan.next(MIDDLE);
    ASSERT_EQ(step.action, Action::RESUME);
    EXPECT_EQ(step.pauseMs, PipelinePlan::REVIVAL_PAUSE_MS);
    plan.recorded(step.nodes);
    plan.progressed();
    EXPECT_EQ(plan.failures(), "");
    EXPECT_TRUE(plan.excluded(0).empty());
  }
}

TEST(PipelinePlan, WhenNoPlaceIsLeftNodesThatMayComeBackAreAllowedAgain) {
  PipelinePlan plan(1);
  plan.newChunk();
  EXPECT_FALSE(plan.noPlace());  // nobody was left out: it is the cluster that has no place
  plan.failed(node(1), GONE, 0);
  plan.failed(node(2), {Code::DISK_FULL, "full"}, 0);
  EXPECT_TRUE(plan.noPlace());
  EXPECT_EQ(plan.excluded(0), Numbers{2});
  EXPECT_EQ(plan.next(NOTHING_YET).pauseMs, PipelinePlan::REVIVAL_PAUSE_MS);
  EXPECT_FALSE(plan.noPlace());
}

// Whatever fails in whatever order, a writer without progress comes to an end.
TEST(PipelinePlan, EveryCourseOfFailuresEnds) {
  io::Random random(1);
  for (int run = 0; run < 2000; ++run) {
    PipelinePlan plan(static_cast<std::uint16_t>(1 + random.below(5)));
    plan.newChunk();
    plan.recorded(nodes(static_cast<std::uint32_t>(1 + random.below(5))));
    const bool acknowledged = random.chance(0.6);
    const bool sent = acknowledged || random.chance(0.5);
    unsigned steps = 0;
    while (true) {
      ASSERT_LT(++steps, 200u);
      plan.failed(node(static_cast<std::uint32_t>(1 + random.below(6))),
                  random.chance(0.7) ? GONE : DAMAGED, 0);
      if (!acknowledged && random.chance(0.2) && !plan.noPlace()) break;
      const auto step = plan.next({.sent = sent, .acknowledged = acknowledged});
      if (step.action == Action::GIVE_UP) break;
      if (acknowledged || !sent) ASSERT_EQ(step.action == Action::RESUME, acknowledged);
      if (step.action == Action::RESUME) {
        ASSERT_FALSE(step.nodes.empty());
        plan.failed(step.nodes[random.below(step.nodes.size())], GONE, 0);
      }
    }
  }
}

}  // namespace
}  // namespace cairn::client
