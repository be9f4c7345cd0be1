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
  RepairPlan planFor(std::span<const ChunkCopy> of, unsigned wanted, unsigned underWay) {
    return planRepair(of, wanted, underWay, racks);
  }
  std::vector<ChunkCopy> copies;
  std::vector<std::string_view> racks;  // where new ones can be made
};

TEST_F(PlanRepairTest, NothingIsDoneWhereAllIsWell) {
  have(3);
  const auto plan = planFor(copies, 3, 0);
  EXPECT_EQ(plan.missing, 0U);
  EXPECT_EQ(plan.surplus, Nodes());
  EXPECT_EQ(spareCopies(copies, 3), 0);
}

// Protects a chunk's redundancy: what is gone, damaged or on its way out is made anew, what is
// under way is not made twice.
TEST_F(PlanRepairTest, WhatIsMissingIsMadeFromGoodCopies) {
  have(3);
  copy(1).where = Where::GONE;
  EXPECT_EQ(planFor(copies, 3, 0).missing, 1U);
  EXPECT_EQ(planFor(copies, 3, 0).sources, (Nodes{NodeId(2), NodeId(3)}));
  EXPECT_EQ(planFor(copies, 3, 1).missing, 0U);
  EXPECT_EQ(planFor(copies, 5, 1).missing, 2U);
  copy(2).suspect = true;
  copy(3).leaving = true;
  EXPECT_EQ(planFor(copies, 3, 0).missing, 3U);
  EXPECT_EQ(planFor(copies, 3, 0).sources, (Nodes{NodeId(3), NodeId(2)})) << "the suspect last";
}

// Protects against a storm of copies whenever a datanode is restarted.
TEST_F(PlanRepairTest, ASilentDatanodesCopiesStillCount) {
  have(3);
  copy(1).where = Where::AWAY;
  copy(2).where = Where::AWAY;
  EXPECT_EQ(planFor(copies, 3, 0).missing, 0U);
  // But nothing can be copied from them.
  copy(3).where = Where::GONE;
  EXPECT_EQ(planFor(copies, 3, 0).missing, 0U);
  EXPECT_EQ(planFor(copies, 3, 0).sources, Nodes());
}

TEST_F(PlanRepairTest, TheIdlestSourceComesFirst) {
  have(3);
  copy(1).load = 5;
  copy(2).load = 7;
  EXPECT_EQ(planFor(copies, 4, 0).sources, (Nodes{NodeId(3), NodeId(1), NodeId(2)}));
  copy(3).confirmed = false;
  EXPECT_EQ(planFor(copies, 4, 0).sources, (Nodes{NodeId(1), NodeId(2), NodeId(3)}));
}

// Protects the last good copies: only those that are certainly there stand in for one that goes.
TEST_F(PlanRepairTest, NothingGoesForCopiesThatMayNotBeThere) {
  for (auto spoil :
       {+[](ChunkCopy& c) { c.where = Where::AWAY; }, +[](ChunkCopy& c) { c.where = Where::GONE; },
        +[](ChunkCopy& c) { c.suspect = true; }, +[](ChunkCopy& c) { c.confirmed = false; },
        +[](ChunkCopy& c) { c.leaving = true; }}) {
    have(2);
    EXPECT_EQ(planFor(copies, 1, 0).surplus.size(), 1U);
    spoil(copy(2));
    EXPECT_EQ(planFor(copies, 1, 0).surplus, Nodes());
    EXPECT_EQ(spareCopies(copies, 1), 0);
    spoil(copy(1));
    EXPECT_EQ(planFor(copies, 1, 0).surplus, Nodes());
    EXPECT_EQ(spareCopies(copies, 1), -1);
  }
}

// Protects setrep from being forgotten where a file was written a moment ago.
TEST_F(PlanRepairTest, UnconfirmedCopiesAreAskedForLater) {
  have(3);
  EXPECT_FALSE(planFor(copies, 2, 0).unsure);
  copy(1).confirmed = false;
  EXPECT_TRUE(planFor(copies, 2, 0).unsure);
  EXPECT_FALSE(planFor(copies, 3, 0).unsure);
  EXPECT_EQ(planFor(copies, 1, 0).surplus.size(), 1U);
  EXPECT_TRUE(planFor(copies, 1, 0).unsure);
  copy(1).where = Where::AWAY;
  EXPECT_FALSE(planFor(copies, 1, 0).unsure) << "the census sees it come back";
}

// Protects a chunk from standing on one rack when it could stand on two.
TEST_F(PlanRepairTest, SurplusCopiesGoWhereOthersStayNear) {
  have(4);
  copy(2).rack = copy(1).rack;
  copy(3).rack = copy(1).rack;
  copy(2).freeBytes = 10;
  copy(4).freeBytes = 1;  // the fullest, and alone on the other rack
  EXPECT_EQ(planFor(copies, 3, 0).surplus, Nodes{NodeId(2)});
  EXPECT_EQ(planFor(copies, 2, 0).surplus, (Nodes{NodeId(2), NodeId(1)}));
  copy(3).machine = copy(1).machine;
  EXPECT_EQ(planFor(copies, 3, 0).surplus, Nodes{NodeId(1)}) << "two on one machine";
  // Each alone on its rack: the fullest goes.
  have(4);
  copy(3).freeBytes = 1;
  EXPECT_EQ(planFor(copies, 3, 0).surplus, Nodes{NodeId(3)});
}

// Protects a chunk from the loss of a rack: one more copy on another, and only then one less.
TEST_F(PlanRepairTest, CopiesOnOneRackGetOneElsewhere) {
  have(3);
  for (auto& one : copies) one.rack = "/0";
  racks = {"/0"};
  EXPECT_EQ(planFor(copies, 3, 0).missing, 0U) << "there is no other rack";
  racks = {"/0", "/1"};
  const auto plan = planFor(copies, 3, 0);
  EXPECT_EQ(plan.missing, 1U);
  EXPECT_EQ(plan.awayFrom, "/0");
  EXPECT_EQ(plan.sources.size(), 3U);
  EXPECT_EQ(plan.surplus, Nodes());
  EXPECT_EQ(planFor(copies, 3, 1).missing, 0U) << "it is under way";
  // It is there, on the fullest of all datanodes: it stays, and one of the others goes.
  copies.push_back(copyOn(4));
  copy(4).freeBytes = 1;
  const auto then = planFor(copies, 3, 0);
  EXPECT_EQ(then.missing, 0U);
  ASSERT_EQ(then.surplus.size(), 1U);
  EXPECT_NE(then.surplus[0], NodeId(4));
  std::erase_if(copies, [&](const ChunkCopy& one) { return one.node == then.surplus[0]; });
  EXPECT_EQ(planFor(copies, 3, 0).missing, 0U);
  EXPECT_EQ(planFor(copies, 3, 0).surplus, Nodes());
}

// Protects what is enough on one rack (a single copy), and the network: a silent datanode's copy on
// another rack counts, one that is damaged or on its way out does not.
TEST_F(PlanRepairTest, OnlyCopiesThatCountHoldRacksApart) {
  racks = {"/1", "/2"};
  have(1);
  EXPECT_EQ(planFor(copies, 1, 0).missing, 0U);
  have(3);
  copy(2).rack = copy(1).rack;
  copy(3).where = Where::AWAY;
  EXPECT_EQ(planFor(copies, 3, 0).missing, 0U);
  copy(3).where = Where::HERE;
  copy(3).suspect = true;
  EXPECT_EQ(planFor(copies, 2, 0).missing, 1U);
  EXPECT_EQ(planFor(copies, 2, 0).awayFrom, copy(1).rack);
  EXPECT_EQ(planFor(copies, 3, 0).awayFrom, "") << "too few: placing sees to the racks";
  copy(1).where = copy(2).where = Where::AWAY;
  copy(3).where = Where::GONE;
  EXPECT_EQ(planFor(copies, 2, 0).missing, 0U) << "nothing to copy from now";
  EXPECT_EQ(planFor(copies, 2, 0).sources, Nodes());
}

// Protects the loop: a chunk with hundreds of copies is planned in steps, and comes to the same
// end.
TEST_F(PlanRepairTest, ManyAreMadeOrGoInSteps) {
  constexpr unsigned MANY = 512;
  copies.push_back(copyOn(1));
  unsigned steps = 0;
  for (bool more = true; more; ++steps) {
    const auto plan = planFor(copies, MANY, 0);
    ASSERT_GT(plan.missing, 0U);
    ASSERT_LE(plan.missing, COPIES_A_PLAN);
    for (unsigned i = 0; i < plan.missing; ++i) {
      copies.push_back(copyOn(1));
      copies.back().node = NodeId(static_cast<std::uint32_t>(copies.size()));
    }
    more = plan.more;
  }
  EXPECT_EQ(copies.size(), MANY);
  EXPECT_EQ(steps, (MANY - 1 + COPIES_A_PLAN - 1) / COPIES_A_PLAN);
  steps = 0;
  for (bool more = true; more; ++steps) {
    const auto plan = planFor(copies, 1, 0);
    ASSERT_FALSE(plan.surplus.empty());
    ASSERT_LE(plan.surplus.size(), COPIES_A_PLAN);
    for (const auto node : plan.surplus) copy(node.value).leaving = true;
    more = plan.more;
  }
  EXPECT_EQ(spareCopies(copies, 1), 0);
  EXPECT_EQ(steps, (MANY - 1 + COPIES_A_PLAN - 1) / COPIES_A_PLAN);
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
    const auto plan = planFor(copies, wanted, underWay);
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
    const auto again = planFor(after, wanted, underWay + plan.missing);
    EXPECT_EQ(again.surplus, Nodes());
    EXPECT_EQ(again.missing, 0U);
  }
}

// Protects the network and the data from a circle of copies and deletes: done again and again, a
// plan comes to an end, on two racks where that can be, and never takes a good copy that is wanted.
TEST_F(PlanRepairTest, ComesToAnEnd) {
  std::mt19937 random(11);
  static constexpr std::string_view RACKS[] = {"/0", "/1", "/2"};
  for (int round = 0; round < 20'000; ++round) {
    have(random() % 7);
    for (auto& one : copies) {
      one.where = random() % 4 == 0 ? static_cast<Where>(random() % 3) : Where::HERE;
      one.suspect = random() % 5 == 0;
      one.confirmed = random() % 5 != 0;
      one.freeBytes = random() % 3;
      one.rack = RACKS[random() % 2];
    }
    racks.assign(RACKS, RACKS + random() % 4);
    const unsigned wanted = 1 + random() % 4;
    const int floor = std::min(spareCopies(copies, wanted), 0);
    std::uint32_t next = 100;
    int steps = 0;
    for (;; ++steps) {
      ASSERT_LT(steps, 4) << "round " << round;
      const auto plan = planFor(copies, wanted, 0);
      if (plan.surplus.empty() && (plan.missing == 0 || racks.empty())) break;
      std::erase_if(copies, [&](const ChunkCopy& one) {
        return std::ranges::find(plan.surplus, one.node) != plan.surplus.end();
      });
      for (unsigned i = 0; i < plan.missing; ++i) {
        auto made = copyOn(1);
        made.node = NodeId(++next);
        do {
          made.rack = racks[random() % racks.size()];
        } while (made.rack == plan.awayFrom);
        copies.push_back(made);
      }
      ASSERT_GE(spareCopies(copies, wanted), floor);
    }
    const auto good = std::ranges::count_if(copies, counts);
    const bool source =
        std::ranges::any_of(copies, [](const ChunkCopy& one) { return one.where == Where::HERE; });
    if (good == 0 || wanted == 1 || racks.empty() || !source) continue;
    const auto rack = std::ranges::find_if(copies, counts)->rack;
    const bool spread = std::ranges::any_of(
        copies, [&](const ChunkCopy& one) { return counts(one) && one.rack != rack; });
    EXPECT_TRUE(spread || (racks.size() == 1 && racks[0] == rack)) << "round " << round;
  }
}

}  // namespace
}  // namespace cairn::nn
