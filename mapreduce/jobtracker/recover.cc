// From the journal back to a running job tracker.
#include <utility>

#include "common/log/log.h"
#include "mapreduce/jobtracker/core.h"

namespace cairn::mr {

Result<void> Core::recover(JournalContents contents) {
  for (auto& ended : contents.ended) ended_.emplace(ended.id, std::move(ended.summary));
  for (const auto& open : contents.open) {
    if (open.events.empty() || !open.events.front().has_submitted()) {
      return fail(Code::CORRUPT,
                  "the journal of " + open.id.toString() + " does not begin with its submission");
    }
    auto entry = std::make_shared<Entry>(TrackedJob(open.id, open.events.front()));
    for (std::size_t i = 1; i < open.events.size(); ++i) {
      auto applied = entry->job.apply(open.events[i]);
      if (!applied.has_value()) {
        return fail(Code::CORRUPT,
                    applied.error().message() + " (event " + std::to_string(i) + ")");
      }
    }
    jobs_.emplace(open.id, std::move(entry));
  }
  metrics_.open.set(static_cast<std::int64_t>(jobs_.size()));
  // A copy: ends of jobs change the map.
  const auto jobs = jobs_;
  for (const auto& [id, entry] : jobs) resume(entry);
  return {};
}

void Core::resume(const EntryPtr& entry) {
  auto& job = entry->job;
  const auto id = job.id();
  LOG(INFO) << id.toString() << " taken up: " << job.done(TaskKind::MAP) << " of "
            << job.tasks(TaskKind::MAP).size() << " maps and " << job.done(TaskKind::REDUCE)
            << " of " << job.tasks(TaskKind::REDUCE).size() << " reduces are done";
  if (job.phase() == JobPhase::ENDED) {
    tasks_.add(buryJob(entry));
    return;
  }
  if (job.killRequested()) {
    endJob(entry, record::KILLED, "Job killed");
    return;
  }
  if (job.phase() == JobPhase::COMMITTING) {
    entry->ending = true;
    tasks_.add(publish(entry));
    return;
  }

  // Trackers that run its attempts or hold its outputs get time to come back.
  const auto expect = [&](const TrackedAttempt& attempt) -> Tracker& {
    const auto [at, isNew] = trackers_.try_emplace(attempt.tracker);
    if (isNew) {
      at->second.name = attempt.trackerName;
      at->second.lastHeardMicros = host_.clock.monotonicMicros();
      watch(attempt.tracker);
    }
    return at->second;
  };
  admit(*entry);
  std::optional<TaskId> exhausted;
  for (const auto kind : {TaskKind::MAP, TaskKind::REDUCE}) {
    const auto& tasks = job.tasks(kind);
    for (std::uint32_t i = 0; i < tasks.size(); ++i) {
      const TaskId taskId{id, kind, i};
      const auto& task = tasks[i];
      for (std::uint32_t n = 0; n < task.attempts.size(); ++n) {
        const auto& attempt = task.attempts[n];
        if (attempt.state == AttemptState::FAILED) scheduler_.failedOn(taskId, attempt.tracker);
        if (hasEnded(attempt.state)) continue;
        scheduler_.running(taskId, attempt.tracker);
        expect(attempt).attempts.insert(AttemptId{taskId, n});
      }
      if (task.done) {
        if (kind == TaskKind::MAP && job.hasReduces()) {
          expect(task.attempts[*task.winner]);
          entry->outputsLog.push_back(i);
        }
      } else if (task.failures >= options_.attemptsMax) {
        exhausted = taskId;
      } else if (task.running() == nullptr) {
        scheduler_.launchable(taskId, !task.attempts.empty());
      }
    }
  }
  scheduler_.mapsDone(id, job.done(TaskKind::MAP));
  if (exhausted) {
    failJob(*entry, *exhausted);
    return;
  }
  for (const auto kind : {TaskKind::MAP, TaskKind::REDUCE}) {
    const auto& tasks = job.tasks(kind);
    for (std::uint32_t i = 0; i < tasks.size(); ++i) {
      const auto& task = tasks[i];
      for (std::uint32_t n = 0; n < task.attempts.size(); ++n) {
        if (task.attempts[n].state != AttemptState::GRANTED) continue;
        const AttemptId attemptId{{id, kind, i}, n};
        promotions_.emplace(attemptId, promote(entry, attemptId).fork());
      }
    }
  }
  scheduleSoon();
  reviewEnd(entry);
}

}  // namespace cairn::mr
