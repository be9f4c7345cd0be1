// An attempt that ended without a result, and what follows for its task and for map outputs.
#include <algorithm>
#include <utility>

#include "common/log/log.h"
#include "mapreduce/jobtracker/core.h"

namespace cairn::mr {

void Core::release(Entry& entry, const AttemptId& id) {
  const auto* attempt = entry.job.findAttempt(id);
  scheduler_.ended(id.task, attempt->tracker);
  const auto tracker = trackers_.find(attempt->tracker);
  if (tracker != trackers_.end()) tracker->second.attempts.erase(id);
}

void Core::attemptEnded(Entry& entry, const AttemptId& id, bool killed, std::string message,
                        std::string stderrTail) {
  auto* attempt = entry.job.findAttempt(id);
  if (attempt == nullptr || entry.job.phase() != JobPhase::RUNNING) return;
  if (attempt->state == AttemptState::COMMITTED) {
    // Its result stands; only its last words are missing.
    finishTask(entry, id, CounterSet(attempt->counters));
    return;
  }
  if (attempt->state == AttemptState::GRANTED) {
    // The promotion under way needs nothing of the attempt any more.
    attempt->liveGone = true;
    release(entry, id);
    scheduleSoon();
    return;
  }
  if (attempt->state != AttemptState::RUNNING) return;

  LOG(INFO) << id.toString() << " on " << attempt->trackerName
            << (killed ? " killed: " : " failed: ") << message;
  if (stderrTail.size() > limits::STDERR_TAIL_BYTES_MAX) {
    stderrTail.erase(0, stderrTail.size() - limits::STDERR_TAIL_BYTES_MAX);
  }
  if (message.size() > limits::FAILURE_MESSAGE_BYTES_MAX) {
    message.resize(limits::FAILURE_MESSAGE_BYTES_MAX);
  }
  const auto tracker = attempt->tracker;
  auto event = this->event();
  auto* ended = event.mutable_attempt_ended();
  *ended->mutable_task() = toRecord(id);
  ended->set_killed(killed);
  ended->set_message(std::move(message));
  ended->set_stderr_tail(std::move(stderrTail));
  record(entry, event);
  metrics_.endedBadly(killed).add();
  release(entry, id);
  if (!killed) scheduler_.failedOn(id.task, tracker);

  const auto& task = *entry.job.findTask(id.task);
  if (task.failures >= options_.attemptsMax) {
    failJob(entry, id.task);
    return;
  }
  if (!task.done && task.running() == nullptr) scheduler_.launchable(id.task, true);
  // A reduce that starts anew needs every map's output.
  if (id.task.kind == TaskKind::REDUCE) reviewMaps(entry);
  scheduleSoon();
}

bool Core::outputAvailable(const Entry& entry, std::uint32_t map) const {
  const auto& task = entry.job.tasks(TaskKind::MAP)[map];
  const auto& attempt = task.attempts[*task.winner];
  const auto tracker = trackers_.find(attempt.tracker);
  if (tracker == trackers_.end()) return false;
  // An absent tracker may come back with it, or will be lost.
  if (tracker->second.client == nullptr) return true;
  return tracker->second.held.contains(
      AttemptId{{entry.job.id(), TaskKind::MAP, map}, *task.winner});
}

bool Core::outputsNeeded(const Entry& entry) const {
  const auto& job = entry.job;
  return job.phase() == JobPhase::RUNNING &&
         std::ranges::any_of(job.tasks(TaskKind::REDUCE), [](const TrackedTask& task) {
           const auto* running = task.running();
           return !task.done && !(running != nullptr && running->liveShuffled);
         });
}

void Core::reviewMaps(Entry& entry) {
  if (!outputsNeeded(entry)) return;
  const auto& maps = entry.job.tasks(TaskKind::MAP);
  for (std::uint32_t i = 0; i < maps.size(); ++i) {
    if (!maps[i].done || outputAvailable(entry, i)) continue;
    const auto& winner = maps[i].attempts[*maps[i].winner];
    loseOutput(entry, i, "its output on " + winner.trackerName + " was lost", false);
  }
}

void Core::loseOutput(Entry& entry, std::uint32_t map, std::string reason, bool failed) {
  auto& job = entry.job;
  const TaskId taskId{job.id(), TaskKind::MAP, map};
  const auto& task = *job.findTask(taskId);
  const AttemptId id{taskId, *task.winner};
  LOG(INFO) << id.toString() << ": " << reason << "; the map runs again";
  auto event = this->event();
  auto* lost = event.mutable_map_lost();
  *lost->mutable_task() = toRecord(id);
  lost->set_reason(std::move(reason));
  lost->set_failed(failed);
  record(entry, event);
  metrics_.outputsLost.add();
  outputsChanged(entry, map);
  scheduler_.mapsDone(job.id(), job.done(TaskKind::MAP));
  if (task.failures >= options_.attemptsMax) {
    failJob(entry, taskId);
    return;
  }
  scheduler_.launchable(taskId, true);
  scheduleSoon();
}

}  // namespace cairn::mr
