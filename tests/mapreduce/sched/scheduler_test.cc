// Protects the rules of the scheduler (scheduler.h), one by one.
#include "mapreduce/sched/scheduler.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace cairn::mr::sched {
namespace {

constexpr JobId JOB{1000, 1};
constexpr JobId OTHER_JOB{1000, 2};

Uuid tracker(std::uint64_t number) { return Uuid::fromHighLow(0, number); }

Place at(std::uint32_t node, std::string machine, std::string rack = "/r") {
  return {NodeId(node), std::move(machine), std::move(rack)};
}

TaskId map(std::uint32_t index, JobId job = JOB) { return {job, TaskKind::MAP, index}; }
TaskId reduce(std::uint32_t index, JobId job = JOB) { return {job, TaskKind::REDUCE, index}; }

class SchedulerTest : public ::testing::Test {
protected:
  // Tracker n beside datanode n on host "h<n>".
  void addTrackers(std::uint32_t count, Slots slots = {1, 1}) {
    for (std::uint32_t n = 1; n <= count; ++n) {
      scheduler.addTracker(tracker(n), at(n, "h" + std::to_string(n)), slots);
    }
  }
  // Map i's input lies with datanode nodes[i]; all its tasks are launchable.
  void addJob(std::vector<std::uint32_t> nodes, std::uint32_t reduces = 0, JobId id = JOB,
              JobPolicy policy = {}) {
    std::vector<std::vector<Place>> places;
    for (const auto node : nodes) {
      places.push_back({});
      if (node != 0) places.back().push_back(at(node, "h" + std::to_string(node)));
    }
    scheduler.addJob(id, policy, std::move(places), reduces);
    for (std::uint32_t i = 0; i < nodes.size(); ++i) scheduler.launchable(map(i, id), false);
    for (std::uint32_t i = 0; i < reduces; ++i) scheduler.launchable(reduce(i, id), false);
  }
  // Where the task was launched by this decision; nil when it was not.
  static Uuid placeOf(const Decision& decision, TaskId task) {
    const auto launch = std::ranges::find(decision.launches, task, &Launch::task);
    return launch == decision.launches.end() ? Uuid() : launch->tracker;
  }

  Scheduler scheduler;
};

// Every map runs beside its input when there is a slot, and no tracker gets more than its slots.
TEST_F(SchedulerTest, MapsRunBesideTheirInput) {
  addTrackers(3, {2, 1});
  addJob({3, 1, 2, 1, 3, 2, 1});
  const auto decision = scheduler.assign(0);
  ASSERT_EQ(6u, decision.launches.size());
  for (const auto& launch : decision.launches) EXPECT_EQ(Locality::NODE, launch.locality);
  EXPECT_EQ(tracker(3), placeOf(decision, map(0)));
  EXPECT_EQ(tracker(1), placeOf(decision, map(1)));
  EXPECT_EQ(Uuid(), placeOf(decision, map(6)));  // all slots of tracker 1 are taken
  EXPECT_EQ((Slots{2, 0}), scheduler.runningOn(tracker(1)));
}

// Delay scheduling: a map waits for a slot beside its input for the delay, says when to ask again,
// then takes what there is.
TEST_F(SchedulerTest, AMapWaitsAWhileForItsPlaceThenRunsAnywhere) {
  addTrackers(2);
  addJob({1, 1});
  const auto first = scheduler.assign(1000);
  ASSERT_EQ(1u, first.launches.size());
  EXPECT_EQ(tracker(1), first.launches[0].tracker);
  EXPECT_EQ(1200, first.wakeAtMs);
  EXPECT_TRUE(scheduler.assign(1199).launches.empty());
  const auto late = scheduler.assign(1200);
  ASSERT_EQ(1u, late.launches.size());
  EXPECT_EQ(tracker(2), late.launches[0].tracker);
  EXPECT_EQ(Locality::RACK, late.launches[0].locality);
  EXPECT_EQ(0, late.wakeAtMs);
}

// The wait ends by itself when the slot beside the input becomes free.
TEST_F(SchedulerTest, AFreedSlotBesideTheInputIsTakenAtOnce) {
  addTrackers(2);
  addJob({1, 1});
  ASSERT_EQ(1u, scheduler.assign(1000).launches.size());
  scheduler.ended(map(0), tracker(1));
  const auto next = scheduler.assign(1050);
  ASSERT_EQ(1u, next.launches.size());
  EXPECT_EQ(tracker(1), next.launches[0].tracker);
}

// Nobody waits for a place that does not exist: input on a node without a tracker, input that lies
// nowhere, or a tracker that is gone.
TEST_F(SchedulerTest, NobodyWaitsForAPlaceThatDoesNotExist) {
  addTrackers(2);
  addJob({7, 0});
  EXPECT_EQ(2u, scheduler.assign(0).launches.size());
  scheduler.removeJob(JOB);
  addJob({1});
  scheduler.removeTracker(tracker(1));
  const auto decision = scheduler.assign(0);
  ASSERT_EQ(1u, decision.launches.size());
  EXPECT_EQ(tracker(2), decision.launches[0].tracker);
}

// Several datanodes and trackers on one host: the bytes are local to all of them, so waiting for
// the very node would only leave slots idle.
TEST_F(SchedulerTest, OneHostIsLocalEnough) {
  scheduler.addTracker(tracker(1), at(1, "same"), {1, 1});
  scheduler.addTracker(tracker(2), at(2, "same"), {1, 1});
  scheduler.addJob(JOB, {}, {{at(1, "same")}, {at(1, "same")}}, 0);
  scheduler.launchable(map(0), false);
  scheduler.launchable(map(1), false);
  const auto decision = scheduler.assign(0);
  ASSERT_EQ(2u, decision.launches.size());
  EXPECT_EQ(Locality::NODE, decision.launches[0].locality);
  EXPECT_EQ(Locality::MACHINE, decision.launches[1].locality);
}

// A task that failed runs next, before fresh ones, and on another tracker while there is one; with
// none left it may try again where it failed.
TEST_F(SchedulerTest, AFailedTaskIsRepeatedElsewhereAndFirst) {
  addTrackers(2);
  addJob({1, 1, 2});
  ASSERT_EQ(2u, scheduler.assign(0).launches.size());  // map 0 on 1, map 2 on 2
  scheduler.ended(map(0), tracker(1));
  scheduler.failedOn(map(0), tracker(1));
  scheduler.launchable(map(0), true);
  // Only tracker 1 is free: it takes the fresh map, not the one that failed there.
  const auto now = scheduler.assign(0);
  ASSERT_EQ(1u, now.launches.size());
  EXPECT_EQ(map(1), now.launches[0].task);
  scheduler.ended(map(2), tracker(2));
  const auto then = scheduler.assign(0);
  EXPECT_EQ(tracker(2), placeOf(then, map(0)));

  scheduler.ended(map(0), tracker(2));
  scheduler.failedOn(map(0), tracker(2));
  scheduler.launchable(map(0), true);
  EXPECT_EQ(1u, scheduler.assign(0).launches.size());  // it has failed everywhere: anywhere again
}

// Repeated tasks do not wait for their place: somebody waits for them already.
TEST_F(SchedulerTest, UrgentTasksDoNotWaitForAPlace) {
  addTrackers(2);
  addJob({1, 1});
  ASSERT_EQ(1u, scheduler.assign(0).launches.size());
  scheduler.notLaunchable(map(1));
  scheduler.launchable(map(1), true);
  EXPECT_EQ(tracker(2), placeOf(scheduler.assign(0), map(1)));
}

// A tracker where a job's attempts keep failing gets no more of that job, but of others; and when
// every tracker is so, the rule is suspended rather than the job stuck.
TEST_F(SchedulerTest, TrackersAreBlacklistedPerJobUnlessAllAre) {
  addTrackers(2, {4, 1});
  addJob(std::vector<std::uint32_t>(8, 0), 0, JOB, {.trackerFailuresMax = 2});
  scheduler.failedOn(map(0), tracker(1));
  EXPECT_FALSE(scheduler.blacklisted(JOB, tracker(1)));
  scheduler.failedOn(map(1), tracker(1));
  EXPECT_TRUE(scheduler.blacklisted(JOB, tracker(1)));
  addJob({1}, 0, OTHER_JOB);
  const auto decision = scheduler.assign(0);
  EXPECT_EQ(tracker(1), placeOf(decision, map(0, OTHER_JOB)));
  for (const auto& launch : decision.launches) {
    if (launch.task.job == JOB) EXPECT_EQ(tracker(2), launch.tracker);
  }
  scheduler.failedOn(map(2), tracker(2));
  scheduler.failedOn(map(3), tracker(2));
  EXPECT_FALSE(scheduler.blacklisted(JOB, tracker(1)));
  EXPECT_FALSE(scheduler.assign(0).launches.empty());
}

// Reduces start when enough maps are done, and never take a map's slot: a map that must run again
// finds its slot whatever waits for it.
TEST_F(SchedulerTest, ReducesStartLateAndTakeNoMapSlots) {
  addTrackers(1, {2, 4});
  addJob({1, 1, 1, 1}, 2, JOB, {.reduceStartPercent = 50});
  EXPECT_EQ(2u, scheduler.assign(0).launches.size());
  scheduler.ended(map(0), tracker(1));
  scheduler.mapsDone(JOB, 1);
  auto decision = scheduler.assign(0);
  ASSERT_EQ(1u, decision.launches.size());
  EXPECT_EQ(TaskKind::MAP, decision.launches[0].task.kind);
  scheduler.ended(map(1), tracker(1));
  scheduler.mapsDone(JOB, 2);
  decision = scheduler.assign(0);
  EXPECT_NE(Uuid(), placeOf(decision, reduce(0)));
  EXPECT_NE(Uuid(), placeOf(decision, reduce(1)));
  EXPECT_EQ((Slots{2, 2}), scheduler.runningOn(tracker(1)));
  // The output of map 0 is lost: it runs again beside the waiting reduces.
  scheduler.ended(map(2), tracker(1));
  scheduler.mapsDone(JOB, 1);
  scheduler.launchable(map(0), true);
  EXPECT_EQ(tracker(1), placeOf(scheduler.assign(0), map(0)));
}

// A job without maps may start its reduces at once: there is nothing to wait for.
TEST_F(SchedulerTest, AJobWithoutMapsStartsItsReduces) {
  addTrackers(1);
  addJob({}, 1);
  EXPECT_EQ(1u, scheduler.assign(0).launches.size());
}

// Slots are shared: a job that came later gets its part though the first one could fill them all.
TEST_F(SchedulerTest, JobsShareTheSlots) {
  addTrackers(2, {2, 1});
  addJob(std::vector<std::uint32_t>(10, 0));
  addJob(std::vector<std::uint32_t>(10, 0), 0, OTHER_JOB);
  const auto decision = scheduler.assign(0);
  ASSERT_EQ(4u, decision.launches.size());
  EXPECT_EQ(2, std::ranges::count_if(decision.launches, [](const Launch& launch) {
              return launch.task.job == OTHER_JOB;
            }));
}

// After a restart of the job tracker, running attempts count before their tracker is back; a
// tracker that returns with fewer slots than attempts gets nothing new, and nothing underflows.
TEST_F(SchedulerTest, AttemptsCountBeforeTheirTrackerIsKnown) {
  addJob({0, 0, 0});
  scheduler.running(map(0), tracker(1));
  scheduler.running(map(1), tracker(1));
  EXPECT_TRUE(scheduler.assign(0).launches.empty());
  addTrackers(1, {1, 1});
  EXPECT_TRUE(scheduler.assign(0).launches.empty());
  scheduler.ended(map(0), tracker(1));
  EXPECT_TRUE(scheduler.assign(0).launches.empty());
  scheduler.ended(map(1), tracker(1));
  scheduler.ended(map(1), tracker(1));  // a second time: no effect
  EXPECT_EQ(1u, scheduler.assign(0).launches.size());
  EXPECT_EQ((Slots{1, 0}), scheduler.runningOn(tracker(1)));
}

// Ending a job gives back every slot it held.
TEST_F(SchedulerTest, RemovingAJobFreesItsSlots) {
  addTrackers(1, {2, 1});
  addJob({0, 0}, 1, JOB, {.reduceStartPercent = 0});
  EXPECT_EQ(3u, scheduler.assign(0).launches.size());
  scheduler.removeJob(JOB);
  EXPECT_EQ((Slots{0, 0}), scheduler.runningOn(tracker(1)));
  addJob({0, 0}, 1, OTHER_JOB, {.reduceStartPercent = 0});
  EXPECT_EQ(3u, scheduler.assign(0).launches.size());
}

}  // namespace
}  // namespace cairn::mr::sched
