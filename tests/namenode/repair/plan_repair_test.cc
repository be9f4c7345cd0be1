// How many copies of a chunk have to be made, from which, and which may go.
#include "namenode/repair/plan_repair.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

namespace cairn::nn {
namespace {

using Where = ChunkCopy::Where;
using Nodes = std::vector<NodeId>;

// A good one, on a rack and a machine of its own.
ChunkCopy copyOn(std::uint32_t node) {
  static constexpr const char* NAMES[] = {"/0", "/1", "/2", "/3", "/4", "/5", "/6"};
  return {.node = NodeId(node),
          .machine = NAMES[node],
          .rack = NAMES[node],
          .freeBytes = 1000,
          .where = Where::HERE,
          .confirmed = true};
}

class PlanRepairTest : public ::testing::Test {
protected:
  void have(std::uint32_t count) {
    copies.clear();
    for (std::uint32_t node = 1; node <= count; ++node) copies.push_back(copyOn(node));
  }
  ChunkCopy& copy(std::uint32_t node) { return copies.at(node - 1); }
  std::vector<ChunkCopy> copies;
};

TEST_F(PlanRepairTest, NothingIsDoneWhereAllIsWell) {
  have(3);
  const auto plan = planRepair(copies, 3, 0);
  EXPECT_EQ(plan.missing, 0U);
  EXPECT_EQ(plan.surplus, Nodes());
  EXPECT_EQ(spareCopies(copies, 3), 0);
}

// Protects a chunk's redundancy: what is gone, damaged or on its way out is made anew, what is
// under way is not made twice.
TEST_F(PlanRepairTest, WhatIsMissingIsMadeFromGoodCopies) {
  have(3);
  copy(1).where = Where::GONE;
  EXPECT_EQ(planRepair(copies, 3, 0).missing, 1U);
  EXPECT_EQ(planRepair(copies, 3, 0).sources, (Nodes{NodeId(2), NodeId(3)}));
  EXPECT_EQ(planRepair(copies, 3, 1).missing, 0U);
  EXPECT_EQ(planRepair(copies, 5, 1).missing, 2U);
  copy(2).suspect = true;
  copy(3).leaving = true;
  EXPECT_EQ(planRepair(copies, 3, 0).missing, 3U);
  EXPECT_EQ(planRepair(copies, 3, 0).sources, (Nodes{NodeId(3), NodeId(2)})) << "the suspect last";
}

// Protects against a storm of copies whenever a datanode is restarted.
TEST_F(PlanRepairTest, ASilentDatanodesCopiesStillCount) {
  have(3);
  copy(1).where = Where::AWAY;
  copy(2).where = Where::AWAY;
  EXPECT_EQ(planRepair(copies, 3, 0).missing, 0U);
  // But nothing can be copied from them.
  copy(3).where = Where::GONE;
  EXPECT_EQ(planRepair(copies, 3, 0).missing, 0U);
  EXPECT_EQ(planRepair(copies, 3, 0).sources, Nodes());
}

TEST_F(PlanRepairTest, TheIdlestSourceComesFirst) {
  have(3);
  copy(1).load = 5;
  copy(2).load = 7;
  EXPECT_EQ(planRepair(copies, 4, 0).sources, (Nodes{NodeId(3), NodeId(1), NodeId(2)}));
  copy(3).confirmed = false;
  EXPECT_EQ(planRepair(copies, 4, 0).sources, (Nodes{NodeId(1), NodeId(2), NodeId(3)}));
}

// Protects the last good copies: only those that are certainly there stand in for one that goes.
TEST_F(PlanRepairTest, NothingGoesForCopiesThatMayNotBeThere) {
  for (auto spoil :
       {+[](ChunkCopy& c) { c.where = Where::AWAY; }, +[](ChunkCopy& c) { c.where = Where::GONE; },
        +[](ChunkCopy& c) { c.suspect = true; }, +[](ChunkCopy& c) { c.confirmed = false; },
        +[](ChunkCopy& c) { c.leaving = true; }}) {
    have(2);
    EXPECT_EQ(planRepair(copies, 1, 0).surplus.size(), 1U);
    spoil(copy(2));
    EXPECT_EQ(planRepair(copies, 1, 0).surplus, Nodes());
    EXPECT_EQ(spareCopies(copies, 1), 0);
    spoil(copy(1));
    EXPECT_EQ(planRepair(copies, 1, 0).surplus, Nodes());
    EXPECT_EQ(spareCopies(copies, 1), -1);
  }
}

// Protects setrep from being forgotten where a file was written a moment ago.
TEST_F(PlanRepairTest, UnconfirmedCopiesAreAskedForLater) {
  have(3);
  EXPECT_FALSE(planRepair(copies, 2, 0).unsure);
  copy(1).confirmed = false;
  EXPECT_TRUE(planRepair(copies, 2, 0).unsure);
  EXPECT_FALSE(planRepair(copies, 3, 0).unsure);
  EXPECT_EQ(planRepair(copies, 1, 0).surplus.size(), 1U);
  EXPECT_TRUE(planRepair(copies, 1, 0).unsure);
  copy(1).where = Where::AWAY;
  EXPECT_FALSE(planRepair(copies, 1, 0).unsure) << "the census sees it come back";
}

// Protects a chunk from standing on one rack when it could stand on two.
TEST_F(PlanRepairTest, SurplusCopiesGoWhereOthersStayNear) {
  have(4);
  copy(2).rack = copy(1).rack;
  copy(3).rack = copy(1).rack;
  copy(2).freeBytes = 10;
  copy(4).freeBytes = 1;  // the fullest, and alone on the other rack
  EXPECT_EQ(planRepair(copies, 3, 0).surplus, Nodes{NodeId(2)});
  EXPECT_EQ(planRepair(copies, 2, 0).surplus, (Nodes{NodeId(2), NodeId(1)}));
  copy(3).machine = copy(1).machine;
  EXPECT_EQ(planRepair(copies, 3, 0).surplus, Nodes{NodeId(1)}) << "two on one machine";
  // Each alone on its rack: the fullest goes.
  have(4);
  copy(3).freeBytes = 1;
  EXPECT_EQ(planRepair(copies, 3, 0).surplus, Nodes{NodeId(3)});
}

// Whatever is known of the copies: nothing is made and deleted at once, only safe copies go, and as
// many safe ones as wanted stay.
TEST_F(PlanRepairTest, AlwaysLeavesEnough) {
  std::mt19937 random(7);
  for (int round = 0; round < 20'000; ++round) {
    have(random() % 7);
    for (auto& one : copies) {
      one.where = static_cast<Where>(random() % 3);
      one.suspect = random() % 4 == 0;
      one.confirmed = random() % 4 != 0;
      one.leaving = random() % 4 == 0;
      one.freeBytes = random() % 3;
      if (random() % 2 == 0) one.rack = "/0";
      if (random() % 2 == 0) one.machine = "";
    }
    const unsigned wanted = 1 + random() % 4;
    const unsigned underWay = random() % 3;
    const auto plan = planRepair(copies, wanted, underWay);
    EXPECT_TRUE(plan.missing == 0 || plan.surplus.empty());
    EXPECT_EQ(plan.missing > 0, !plan.sources.empty());
    const std::set<NodeId> going(plan.surplus.begin(), plan.surplus.end());
    EXPECT_EQ(going.size(), plan.surplus.size());
    auto after = copies;
    for (auto& one : after) {
      if (!going.contains(one.node)) continue;
      EXPECT_TRUE(one.where == Where::HERE && one.confirmed && !one.suspect && !one.leaving);
      one.leaving = true;
    }
    if (!going.empty()) EXPECT_EQ(spareCopies(after, wanted), 0);
    // Done once, it is done: the rest waits for what is under way.
    const auto again = planRepair(after, wanted, underWay + plan.missing);
    EXPECT_EQ(again.surplus, Nodes());
    EXPECT_EQ(again.missing, 0U);
  }
}

}  // namespace
}  // namespace cairn::nn
