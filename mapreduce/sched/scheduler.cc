#include "mapreduce/sched/scheduler.h"

#include <algorithm>
#include <utility>

namespace cairn::mr::sched {

namespace {

// The bytes are on the tracker's host: read by descriptor, whichever datanode keeps them.
bool isLocal(Locality locality) { return locality <= Locality::MACHINE; }

}  // namespace

void Scheduler::addTracker(TrackerId id, Place place, Slots slots) {
  trackers_[id] = Tracker{std::move(place), slots};
}

void Scheduler::removeTracker(TrackerId id) { trackers_.erase(id); }

void Scheduler::addJob(JobId id, JobPolicy policy, std::vector<std::vector<Place>> mapPlaces,
                       std::uint32_t reduces) {
  const auto maps = static_cast<std::uint32_t>(mapPlaces.size());
  jobs_.insert_or_assign(id, Job{.policy = policy,
                                 .maps = TaskQueue(std::move(mapPlaces)),
                                 .reduces = TaskQueue(std::vector<std::vector<Place>>(reduces)),
                                 .mapsTotal = maps,
                                 .running = {},
                                 .failedOn = {},
                                 .failures = {}});
}

void Scheduler::removeJob(JobId id) {
  const auto at = jobs_.find(id);
  if (at == jobs_.end()) return;
  for (const auto& [task, tracker] : at->second.running) --used_[tracker].of(task.kind);
  jobs_.erase(at);
}

void Scheduler::launchable(TaskId task, bool urgent) {
  const auto at = jobs_.find(task.job);
  if (at != jobs_.end()) at->second.queue(task.kind).add(task.index, urgent);
}

void Scheduler::notLaunchable(TaskId task) {
  const auto at = jobs_.find(task.job);
  if (at != jobs_.end()) at->second.queue(task.kind).remove(task.index);
}

void Scheduler::running(TaskId task, TrackerId tracker) {
  const auto at = jobs_.find(task.job);
  if (at == jobs_.end()) return;
  at->second.queue(task.kind).remove(task.index);
  at->second.running.emplace(task, tracker);
  ++used_[tracker].of(task.kind);
}

void Scheduler::ended(TaskId task, TrackerId tracker) {
  const auto at = jobs_.find(task.job);
  if (at == jobs_.end()) return;
  const auto running = at->second.running.find({task, tracker});
  if (running == at->second.running.end()) return;
  at->second.running.erase(running);
  --used_[tracker].of(task.kind);
}

void Scheduler::failedOn(TaskId task, TrackerId tracker) {
  const auto at = jobs_.find(task.job);
  if (at == jobs_.end()) return;
  at->second.failedOn[task].insert(tracker);
  ++at->second.failures[tracker];
}

void Scheduler::mapsDone(JobId id, std::uint32_t done) {
  const auto at = jobs_.find(id);
  if (at != jobs_.end()) at->second.mapsDone = done;
}

Slots Scheduler::runningOn(TrackerId tracker) const {
  const auto at = used_.find(tracker);
  return at == used_.end() ? Slots{} : at->second;
}

bool Scheduler::blacklisted(JobId job, TrackerId tracker) const {
  const auto at = jobs_.find(job);
  return at != jobs_.end() && !usable(at->second, tracker);
}

Slots Scheduler::freeSlots(TrackerId id, const Tracker& tracker) const {
  const auto used = runningOn(id);
  // A tracker may come back with fewer slots than it has tasks running.
  const auto left = [](std::uint32_t slots, std::uint32_t busy) {
    return slots > busy ? slots - busy : 0;
  };
  return {left(tracker.slots.maps, used.maps), left(tracker.slots.reduces, used.reduces)};
}

bool Scheduler::usable(const Job& job, TrackerId id) const {
  const auto bad = [&](TrackerId tracker) {
    const auto at = job.failures.find(tracker);
    return at != job.failures.end() && at->second >= job.policy.trackerFailuresMax;
  };
  if (!bad(id)) return true;
  return std::ranges::all_of(trackers_, [&](const auto& entry) { return bad(entry.first); });
}

bool Scheduler::mayRunOn(const Job& job, TaskId task, TrackerId id, TaskKind kind) const {
  const auto failed = job.failedOn.find(task);
  if (failed == job.failedOn.end() || !failed->second.contains(id)) return true;
  return std::ranges::none_of(trackers_, [&](const auto& entry) {
    return entry.second.slots.of(kind) > 0 && !failed->second.contains(entry.first) &&
           usable(job, entry.first);
  });
}

bool Scheduler::nearerExists(const Job& job, std::uint32_t map, Locality locality) const {
  return std::ranges::any_of(trackers_, [&](const auto& entry) {
    return entry.second.slots.maps > 0 && usable(job, entry.first) &&
           job.maps.localityOf(map, entry.second.place) < locality;
  });
}

std::optional<Choice> Scheduler::choose(JobId id, Job& job, TrackerId trackerId,
                                        const Tracker& tracker, TaskKind kind, std::int64_t nowMs,
                                        Wait& wait) {
  auto& queue = job.queue(kind);
  if (queue.empty() || !usable(job, trackerId)) return std::nullopt;
  if (kind == TaskKind::REDUCE && !job.reducesMayStart()) return std::nullopt;
  if (queue.hasUrgent()) {
    auto urgent = queue.urgentFor(tracker.place, [&](std::uint32_t index) {
      return mayRunOn(job, TaskId{id, kind, index}, trackerId, kind);
    });
    if (urgent) return urgent;
  }
  auto fresh = queue.freshFor(tracker.place);
  if (!fresh || kind == TaskKind::REDUCE || isLocal(fresh->locality)) return fresh;
  if (job.policy.localityDelayMs == 0 || !nearerExists(job, fresh->task, fresh->locality)) {
    return fresh;
  }
  if (job.waitingSinceMs == 0) job.waitingSinceMs = std::max<std::int64_t>(nowMs, 1);
  const auto untilMs = job.waitingSinceMs + job.policy.localityDelayMs;
  if (nowMs >= untilMs) return fresh;
  if (wait.untilMs == 0 || untilMs < wait.untilMs) wait.untilMs = untilMs;
  return std::nullopt;
}

Decision Scheduler::assign(std::int64_t nowMs) {
  Decision decision;
  Wait wait;
  for (const auto kind : {TaskKind::MAP, TaskKind::REDUCE}) {
    std::vector<std::pair<JobId, Job*>> jobs;
    for (auto& [id, job] : jobs_) {
      if (!job.queue(kind).empty()) jobs.emplace_back(id, &job);
    }
    if (jobs.empty()) continue;
    // One task a tracker and round, the emptiest tracker first: load spreads, and each tracker gets
    // the chance to take what lies beside it.
    for (bool progress = true; progress;) {
      progress = false;
      std::vector<std::pair<std::uint32_t, TrackerId>> order;
      for (const auto& [id, tracker] : trackers_) {
        if (const auto free = freeSlots(id, tracker).of(kind)) order.emplace_back(free, id);
      }
      std::ranges::sort(order, [](const auto& a, const auto& b) {
        return a.first != b.first ? a.first > b.first : a.second < b.second;
      });
      for (const auto& [free, trackerId] : order) {
        const auto& tracker = trackers_.at(trackerId);
        std::ranges::sort(jobs, [](const auto& a, const auto& b) {
          const auto left = a.second->running.size();
          const auto right = b.second->running.size();
          return left != right ? left < right : a.first < b.first;
        });
        for (auto& [id, job] : jobs) {
          const auto choice = choose(id, *job, trackerId, tracker, kind, nowMs, wait);
          if (!choice) continue;
          const TaskId task{id, kind, choice->task};
          running(task, trackerId);
          if (isLocal(choice->locality) || job->maps.empty()) job->waitingSinceMs = 0;
          decision.launches.push_back({task, trackerId, choice->locality});
          progress = true;
          break;
        }
      }
    }
  }
  decision.wakeAtMs = wait.untilMs;
  return decision;
}

}  // namespace cairn::mr::sched
