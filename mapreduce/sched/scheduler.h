// Which task runs where: a synchronous state machine over trackers, jobs and their tasks. The job
// tracker tells it what happened and asks it what to launch; it does nothing by itself.
// Layer: mapreduce/sched (pure: time comes as an argument).  Threads: one at a time.
// Cost: assign() is O(launches * (jobs + trackers)).
//
// Rules, in order:
// 1. A tracker runs at most its map slots of maps and its reduce slots of reduces. The two kinds
//    are apart, so reduces that wait for maps can never keep a map from running (no deadlock).
// 2. A job gets no more of a tracker where `trackerFailuresMax` of its attempts failed, unless
//    every tracker is so.
// 3. Among jobs: the one with the fewest running tasks, then the oldest.
// 4. Tasks that failed or whose output was lost go first, not on a tracker where the task has
//    failed as long as there is another one to choose.
// 5. Fresh maps go where their input is: node, then machine, then rack, then anywhere. A job whose
//    maps could run nearer somewhere waits up to `localityDelayMs` for a slot on a host that has
//    the bytes (delay scheduling, Zaharia et al., EuroSys 2010); any launch there ends the wait.
// 6. Reduces start once `reduceStartPercent` of the maps are done.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "mapreduce/sched/task_queue.h"
#include "mapreduce/sched/types.h"

namespace cairn::mr::sched {

class Scheduler {
public:
  // A tracker that can take tasks; replaces what was known of it except what runs there.
  void addTracker(TrackerId id, Place place, Slots slots);
  // It takes no new tasks. What ran there must be ended by ended().
  void removeTracker(TrackerId id);
  std::size_t trackers() const { return trackers_.size(); }

  // No task of it is launchable yet. `mapPlaces`: one list a map.
  void addJob(JobId id, JobPolicy policy, std::vector<std::vector<Place>> mapPlaces,
              std::uint32_t reduces);
  // Forgets the job and gives back the slots of what runs of it.
  void removeJob(JobId id);

  // The task waits for a slot. `urgent`: it ran before. No effect when it is launchable already.
  void launchable(TaskId task, bool urgent);
  // It waits no longer (it turned out to be done).
  void notLaunchable(TaskId task);
  // An attempt runs on the tracker, as after a restart of the job tracker; assign() calls it for
  // what it launches. The tracker may be unknown yet.
  void running(TaskId task, TrackerId tracker);
  // The attempt on that tracker has ended, however; its slot is free. Unknown ones: no effect.
  void ended(TaskId task, TrackerId tracker);
  // An attempt of the task failed there by its own fault.
  void failedOn(TaskId task, TrackerId tracker);
  // How many maps of the job are done now.
  void mapsDone(JobId id, std::uint32_t done);

  // What to launch now; it counts as running from here on. Never a task that is not launchable,
  // never more than a tracker's slots.
  Decision assign(std::int64_t nowMs);

  // For status pages and tests.
  Slots runningOn(TrackerId tracker) const;
  bool blacklisted(JobId job, TrackerId tracker) const;

private:
  struct Tracker {
    Place place;
    Slots slots;
  };
  struct Job {
    JobPolicy policy;
    TaskQueue maps;
    TaskQueue reduces;
    std::uint32_t mapsTotal = 0;
    std::uint32_t mapsDone = 0;
    std::multiset<std::pair<TaskId, TrackerId>> running;
    std::map<TaskId, std::set<TrackerId>> failedOn;
    std::map<TrackerId, std::uint32_t> failures;
    // Since when fresh maps have been passed over for want of a nearer slot; 0: they have not.
    std::int64_t waitingSinceMs = 0;

    TaskQueue& queue(TaskKind kind) { return kind == TaskKind::MAP ? maps : reduces; }
    bool reducesMayStart() const {
      return std::uint64_t{mapsDone} * 100 >= std::uint64_t{mapsTotal} * policy.reduceStartPercent;
    }
  };
  struct Wait {
    std::int64_t untilMs = 0;  // 0: nobody waits
  };

  Slots freeSlots(TrackerId id, const Tracker& tracker) const;
  bool usable(const Job& job, TrackerId id) const;
  bool mayRunOn(const Job& job, TaskId task, TrackerId id, TaskKind kind) const;
  // Whether some tracker that the job may use stands nearer to one of its fresh maps than
  // `locality`, so that waiting makes sense.
  bool nearerExists(const Job& job, std::uint32_t map, Locality locality) const;
  std::optional<Choice> choose(JobId id, Job& job, TrackerId trackerId, const Tracker& tracker,
                               TaskKind kind, std::int64_t nowMs, Wait& wait);

  std::map<TrackerId, Tracker> trackers_;
  std::map<TrackerId, Slots> used_;  // also of trackers that are not there (yet)
  std::map<JobId, Job> jobs_;
};

}  // namespace cairn::mr::sched
