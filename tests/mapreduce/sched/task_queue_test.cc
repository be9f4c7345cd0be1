// Protects the choice among a job's waiting tasks: the nearest first, never one that is not
// waiting, and repeated ones before fresh ones.
#include "mapreduce/sched/task_queue.h"

#include <gtest/gtest.h>

namespace cairn::mr::sched {
namespace {

Place at(std::uint32_t node, std::string machine = "", std::string rack = "") {
  return {NodeId(node), std::move(machine), std::move(rack)};
}

const auto ANYWHERE = [](std::uint32_t) { return true; };

// The order of preference is node, machine, rack, anything; a tie goes to the older task.
TEST(TaskQueueTest, FreshTasksGoToTheNearestTracker) {
  TaskQueue queue({{at(1, "a", "r1")}, {at(2, "b", "r1")}, {at(3, "c", "r2")}, {at(2, "b", "r1")}});
  for (std::uint32_t i = 0; i < 4; ++i) queue.add(i, false);

  const auto node = queue.freshFor(at(2, "b", "r1"));
  ASSERT_TRUE(node.has_value());
  EXPECT_EQ(1u, node->task);
  EXPECT_EQ(Locality::NODE, node->locality);
  // Another datanode of the same host.
  const auto machine = queue.freshFor(at(9, "c", "r2"));
  ASSERT_TRUE(machine.has_value());
  EXPECT_EQ(2u, machine->task);
  EXPECT_EQ(Locality::MACHINE, machine->locality);
  const auto rack = queue.freshFor(at(9, "z", "r2"));
  ASSERT_TRUE(rack.has_value());
  EXPECT_EQ(2u, rack->task);
  EXPECT_EQ(Locality::RACK, rack->locality);
  const auto any = queue.freshFor(at(9, "z", "r9"));
  ASSERT_TRUE(any.has_value());
  EXPECT_EQ(0u, any->task);
  EXPECT_EQ(Locality::ANY, any->locality);
}

// A tracker of an unknown host (empty machine, node 0) must not look local to inputs of unknown
// hosts: two unknowns are not the same place.
TEST(TaskQueueTest, UnknownPlacesAreNowhere) {
  TaskQueue queue({{at(0)}});
  queue.add(0, false);
  const auto choice = queue.freshFor(at(0));
  ASSERT_TRUE(choice.has_value());
  EXPECT_EQ(Locality::ANY, choice->locality);
}

// What was taken out is never offered again, whatever lines it stood in, until it is added anew.
TEST(TaskQueueTest, RemovedTasksAreNotOffered) {
  TaskQueue queue({{at(1, "a", "r")}, {at(1, "a", "r")}});
  queue.add(0, false);
  queue.add(1, false);
  queue.remove(0);
  EXPECT_EQ(1u, queue.freshFor(at(1))->task);
  queue.remove(1);
  EXPECT_FALSE(queue.freshFor(at(1)).has_value());
  EXPECT_FALSE(queue.freshFor(at(7)).has_value());
  EXPECT_TRUE(queue.empty());
  queue.add(0, false);
  EXPECT_EQ(0u, queue.freshFor(at(1))->task);
  EXPECT_EQ(1u, queue.size());
}

// A repeated task waits among the urgent ones only, even while its fresh entry still lies in a
// line.
TEST(TaskQueueTest, UrgentTasksStandApart) {
  TaskQueue queue({{at(1)}, {at(1)}});
  queue.add(0, false);
  queue.remove(0);
  queue.add(0, true);
  EXPECT_TRUE(queue.hasUrgent());
  EXPECT_FALSE(queue.hasFresh());
  EXPECT_FALSE(queue.freshFor(at(1)).has_value());
  EXPECT_EQ(0u, queue.urgentFor(at(1), ANYWHERE)->task);
  EXPECT_FALSE(queue.urgentFor(at(1), [](std::uint32_t) { return false; }).has_value());
  // Adding what waits already changes nothing.
  queue.add(0, false);
  EXPECT_EQ(1u, queue.size());
  queue.remove(0);
  EXPECT_FALSE(queue.urgentFor(at(1), ANYWHERE).has_value());
}

}  // namespace
}  // namespace cairn::mr::sched
