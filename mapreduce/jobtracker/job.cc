#include "mapreduce/jobtracker/job.h"

#include <algorithm>
#include <utility>

namespace cairn::mr {

namespace {

Uuid uuidFrom(const std::string& bytes) {
  Uuid id;
  if (bytes.size() == id.bytes.size()) std::ranges::copy(bytes, id.bytes.begin());
  return id;
}

std::unexpected<Status> misfit(const JobId& job, std::string_view what) {
  return fail(Code::INTERNAL, "the journal of " + job.toString() + " has " + std::string(what));
}

void addBounded(CounterSet& sum, const CounterSet& more) {
  for (const auto& [name, value] : more.all()) {
    if (sum.all().size() >= COUNTERS_MAX && !sum.all().contains(name)) continue;
    sum.counter(name.first, name.second).add(value);
  }
}

}  // namespace

record::TaskRef toRecord(const AttemptId& id) {
  record::TaskRef ref;
  ref.set_reduce(id.task.kind == TaskKind::REDUCE);
  ref.set_index(id.task.index);
  ref.set_attempt(id.number);
  return ref;
}

AttemptId fromRecord(const JobId& job, const record::TaskRef& ref) {
  return {{job, ref.reduce() ? TaskKind::REDUCE : TaskKind::MAP, ref.index()}, ref.attempt()};
}

void toRecord(const CounterSet& counters,
              google::protobuf::RepeatedPtrField<record::CounterValue>* to) {
  for (const auto& [name, value] : counters.all()) {
    auto* counter = to->Add();
    counter->set_group(name.first);
    counter->set_name(name.second);
    counter->set_value(value);
  }
}

CounterSet fromRecord(const google::protobuf::RepeatedPtrField<record::CounterValue>& from) {
  CounterSet counters;
  for (const auto& counter : from) {
    counters.counter(counter.group(), counter.name()).add(counter.value());
  }
  return counters;
}

const TrackedAttempt* TrackedTask::running() const {
  const auto at = std::ranges::find_if(
      attempts, [](const TrackedAttempt& attempt) { return !hasEnded(attempt.state); });
  return at == attempts.end() ? nullptr : &*at;
}

TrackedJob::TrackedJob(JobId id, const record::JobEvent& first)
    : id_(id),
      submitted_(first.submitted()),
      submitMs_(first.time_ms()),
      maps_(static_cast<std::size_t>(submitted_.splits_size())),
      reduces_(submitted_.spec().reduces()) {}

TrackedTask* TrackedJob::findTask(const TaskId& id) {
  auto& tasks = this->tasks(id.kind);
  return id.job == id_ && id.index < tasks.size() ? &tasks[id.index] : nullptr;
}

TrackedAttempt* TrackedJob::findAttempt(const AttemptId& id) {
  auto* task = findTask(id.task);
  return task != nullptr && id.number < task->attempts.size() ? &task->attempts[id.number]
                                                              : nullptr;
}

Result<void> TrackedJob::apply(const record::JobEvent& event) {
  using Event = record::JobEvent;
  if (phase_ == JobPhase::ENDED) return misfit(id_, "an event behind its end");
  const auto time = event.time_ms();

  const auto finish = [&](TrackedTask& task, TrackedAttempt& attempt, std::uint32_t number,
                          TaskKind kind) {
    attempt.state = AttemptState::SUCCEEDED;
    attempt.endMs = time;
    task.winner = number;
    task.done = true;
    ++done_[static_cast<int>(kind)];
    winnersCounters_.merge(attempt.counters);
  };
  // The attempt that an event is about, when it may be in that state.
  const auto inState = [&](const record::TaskRef& ref,
                           std::initializer_list<AttemptState> states) -> TrackedAttempt* {
    auto* attempt = findAttempt(fromRecord(id_, ref));
    if (attempt == nullptr || std::ranges::find(states, attempt->state) == states.end()) {
      return nullptr;
    }
    return attempt;
  };
  const auto taskOf = [&](const record::TaskRef& ref) -> TrackedTask& {
    return *findTask(fromRecord(id_, ref).task);
  };
  const auto kindOf = [](const record::TaskRef& ref) {
    return ref.reduce() ? TaskKind::REDUCE : TaskKind::MAP;
  };

  switch (event.event_case()) {
    case Event::kLaunched: {
      const auto& launched = event.launched();
      auto* task = findTask(fromRecord(id_, launched.task()).task);
      if (task == nullptr || launched.task().attempt() != task->attempts.size() || task->done) {
        return misfit(id_, "a launch out of order");
      }
      TrackedAttempt attempt;
      attempt.tracker = uuidFrom(launched.tracker());
      attempt.trackerName = launched.tracker_name();
      attempt.locality = static_cast<sched::Locality>(std::min(launched.locality(), 3u));
      attempt.startMs = time;
      task->attempts.push_back(std::move(attempt));
      return {};
    }
    case Event::kAttemptEnded: {
      const auto& ended = event.attempt_ended();
      auto* attempt = inState(ended.task(), {AttemptState::RUNNING, AttemptState::GRANTED});
      if (attempt == nullptr) return misfit(id_, "an end of an attempt that does not run");
      auto& task = taskOf(ended.task());
      if (attempt->state == AttemptState::GRANTED) task.winner.reset();
      attempt->state = ended.killed() ? AttemptState::KILLED : AttemptState::FAILED;
      attempt->endMs = time;
      attempt->counters = {};
      if (!ended.killed()) ++task.failures;
      const auto id = fromRecord(id_, ended.task());
      addFailure({id.task, id.number, ended.killed(), attempt->trackerName, ended.message(),
                  ended.stderr_tail(), time});
      return {};
    }
    case Event::kMapDone: {
      const auto& done = event.map_done();
      auto* attempt = inState(done.task(), {AttemptState::RUNNING});
      if (attempt == nullptr || done.task().reduce() || taskOf(done.task()).done ||
          static_cast<std::size_t>(done.segments_size()) != reduces_.size()) {
        return misfit(id_, "a finished map that does not fit");
      }
      auto& task = taskOf(done.task());
      task.segments.assign(done.segments().begin(), done.segments().end());
      attempt->counters = fromRecord(done.counters());
      finish(task, *attempt, done.task().attempt(), TaskKind::MAP);
      return {};
    }
    case Event::kMapLost: {
      const auto& lost = event.map_lost();
      auto* attempt = inState(lost.task(), {AttemptState::SUCCEEDED});
      if (attempt == nullptr || lost.task().reduce()) {
        return misfit(id_, "a lost map output that does not exist");
      }
      auto& task = taskOf(lost.task());
      attempt->state = lost.failed() ? AttemptState::FAILED : AttemptState::KILLED;
      attempt->counters = {};
      if (lost.failed()) ++task.failures;
      task.done = false;
      // Seldom enough to add up the rest anew.
      winnersCounters_ = {};
      for (const auto* all : {&maps_, &reduces_}) {
        for (const auto& one : *all) {
          if (one.done) winnersCounters_.merge(one.attempts[*one.winner].counters);
        }
      }
      task.winner.reset();
      task.segments.clear();
      --done_[static_cast<int>(TaskKind::MAP)];
      const auto id = fromRecord(id_, lost.task());
      addFailure(
          {id.task, id.number, !lost.failed(), attempt->trackerName, lost.reason(), {}, time});
      return {};
    }
    case Event::kCommitGranted: {
      const auto& granted = event.commit_granted();
      auto* attempt = inState(granted.task(), {AttemptState::RUNNING});
      if (attempt == nullptr || taskOf(granted.task()).winner.has_value()) {
        return misfit(id_, "a second grant for one task");
      }
      attempt->state = AttemptState::GRANTED;
      attempt->files.assign(granted.files().begin(), granted.files().end());
      taskOf(granted.task()).winner = granted.task().attempt();
      return {};
    }
    case Event::kCommitRevoked: {
      auto* attempt = inState(event.commit_revoked().task(), {AttemptState::GRANTED});
      if (attempt == nullptr) return misfit(id_, "a revoked grant that does not exist");
      attempt->state = AttemptState::RUNNING;
      attempt->files.clear();
      taskOf(event.commit_revoked().task()).winner.reset();
      return {};
    }
    case Event::kTaskCommitted: {
      auto* attempt = inState(event.task_committed().task(), {AttemptState::GRANTED});
      if (attempt == nullptr) return misfit(id_, "a commit without a grant");
      attempt->state = AttemptState::COMMITTED;
      return {};
    }
    case Event::kTaskFinished: {
      const auto& finished = event.task_finished();
      auto* attempt = inState(finished.task(), {AttemptState::COMMITTED});
      if (attempt == nullptr) return misfit(id_, "a finished task that is not committed");
      attempt->counters = fromRecord(finished.counters());
      finish(taskOf(finished.task()), *attempt, finished.task().attempt(), kindOf(finished.task()));
      return {};
    }
    case Event::kJobCommitStarted:
      if (!allDone()) return misfit(id_, "a commit before all tasks were done");
      phase_ = JobPhase::COMMITTING;
      outputDirectory_ = event.job_commit_started().directory();
      return {};
    case Event::kJobKillRequested: killRequested_ = true; return {};
    case Event::kJobEnded:
      phase_ = JobPhase::ENDED;
      end_ = event.job_ended().end();
      endMessage_ = event.job_ended().message();
      endMs_ = time;
      return {};
    case Event::kSubmitted: return misfit(id_, "a second submission");
    case Event::EVENT_NOT_SET: return misfit(id_, "an event that this program does not know");
  }
  return misfit(id_, "an event that this program does not know");
}

void TrackedJob::addFailure(Failure failure) {
  failures_.push_back(std::move(failure));
  if (failures_.size() > FAILURE_TAILS_MAX) {
    failures_[failures_.size() - 1 - FAILURE_TAILS_MAX].stderrTail = {};
  }
}

std::size_t TrackedJob::countersWith(const CounterSet& more) const {
  const auto& have = winnersCounters_.all();
  const auto fresh = std::ranges::count_if(
      more.all(), [&](const auto& counter) { return !have.contains(counter.first); });
  return have.size() + static_cast<std::size_t>(fresh);
}

CounterSet TrackedJob::counters() const {
  CounterSet sum = winnersCounters_;
  std::int64_t launched[2] = {0, 0};
  std::int64_t failed[2] = {0, 0};
  std::int64_t killed[2] = {0, 0};
  std::int64_t local[4] = {0, 0, 0, 0};
  std::int64_t millis[2] = {0, 0};
  for (const auto kind : {TaskKind::MAP, TaskKind::REDUCE}) {
    const auto k = static_cast<int>(kind);
    for (const auto& task : tasks(kind)) {
      for (const auto& attempt : task.attempts) {
        ++launched[k];
        if (attempt.state == AttemptState::FAILED) ++failed[k];
        if (attempt.state == AttemptState::KILLED) ++killed[k];
        if (kind == TaskKind::MAP) ++local[static_cast<int>(attempt.locality)];
        if (hasEnded(attempt.state)) millis[k] += attempt.endMs - attempt.startMs;
        // A failed attempt's counts are not those of any result.
        if (!hasEnded(attempt.state)) addBounded(sum, attempt.counters);
      }
    }
  }
  const auto set = [&](std::string_view name, std::int64_t value) {
    if (value != 0) sum.counter(JOB_COUNTER_GROUP, name).add(value);
  };
  set("TOTAL_LAUNCHED_MAPS", launched[0]);
  set("TOTAL_LAUNCHED_REDUCES", launched[1]);
  set("NUM_FAILED_MAPS", failed[0]);
  set("NUM_FAILED_REDUCES", failed[1]);
  set("NUM_KILLED_MAPS", killed[0]);
  set("NUM_KILLED_REDUCES", killed[1]);
  // Hadoop knows hosts only; for us the datanode beside the tracker and the host count as local.
  set("DATA_LOCAL_MAPS", local[0] + local[1]);
  set("RACK_LOCAL_MAPS", local[2]);
  set("OTHER_LOCAL_MAPS", local[3]);
  set("MILLIS_MAPS", millis[0]);
  set("MILLIS_REDUCES", millis[1]);
  return sum;
}

float TrackedJob::progress(TaskKind kind) const {
  const auto& all = tasks(kind);
  if (all.empty()) return 1;
  double sum = 0;
  for (const auto& task : all) {
    if (task.done) {
      sum += 1;
    } else if (const auto* attempt = task.running()) {
      sum += std::clamp(attempt->liveProgress, 0.0f, 1.0f);
    }
  }
  return static_cast<float>(sum / static_cast<double>(all.size()));
}

record::JobSummary summarise(const TrackedJob& job) {
  record::JobSummary summary;
  *summary.mutable_spec() = job.spec();
  summary.mutable_spec()->clear_conf();
  summary.mutable_spec()->clear_program();
  summary.set_end(job.end());
  summary.set_message(job.endMessage());
  summary.set_submit_ms(job.submitMs());
  summary.set_finish_ms(job.endMs());
  summary.set_maps(static_cast<std::uint32_t>(job.tasks(TaskKind::MAP).size()));
  summary.set_reduces(static_cast<std::uint32_t>(job.tasks(TaskKind::REDUCE).size()));
  toRecord(job.counters(), summary.mutable_counters());
  const auto& failures = job.failures();
  const auto from = failures.size() - std::min(failures.size(), SUMMARY_FAILURES_MAX);
  for (std::size_t i = from; i < failures.size(); ++i) {
    const auto& failure = failures[i];
    auto* kept = summary.add_failures();
    *kept->mutable_task() = toRecord(AttemptId{failure.task, failure.attempt});
    kept->set_killed(failure.killed);
    kept->set_tracker_name(failure.trackerName);
    kept->set_message(failure.message);
    kept->set_stderr_tail(failure.stderrTail);
    kept->set_time_ms(failure.timeMs);
  }
  return summary;
}

std::string TrackedJob::fingerprint() const {
  std::string out = id_.toString() + " " + submitted_.ShortDebugString() + " phase " +
                    std::to_string(static_cast<int>(phase_)) + " end " + std::to_string(end_) +
                    " " + endMessage_ + " at " + std::to_string(endMs_) + " dir " +
                    std::to_string(outputDirectory_) + (killRequested_ ? " kill" : "") + "\n";
  for (const auto kind : {TaskKind::MAP, TaskKind::REDUCE}) {
    const auto& all = tasks(kind);
    for (std::uint32_t i = 0; i < all.size(); ++i) {
      const auto& task = all[i];
      out += TaskId{id_, kind, i}.toString() + (task.done ? " done" : " open") + " failures " +
             std::to_string(task.failures) + " winner " +
             (task.winner ? std::to_string(*task.winner) : "-");
      for (const auto& segment : task.segments) out += " [" + segment.ShortDebugString() + "]";
      out += "\n";
      for (const auto& attempt : task.attempts) {
        out += "  state " + std::to_string(static_cast<int>(attempt.state)) + " on " +
               attempt.tracker.toString() + " " + attempt.trackerName + " " +
               std::to_string(attempt.startMs) + "-" + std::to_string(attempt.endMs);
        for (const auto& file : attempt.files) out += " " + file;
        if (attempt.state == AttemptState::SUCCEEDED) {
          for (const auto& [name, value] : attempt.counters.all()) {
            out += " " + name.first + "/" + name.second + "=" + std::to_string(value);
          }
        }
        out += "\n";
      }
    }
  }
  for (const auto& failure : failures_) {
    out +=
        AttemptId{failure.task, failure.attempt}.toString() + " failed: " + failure.message + "\n";
  }
  return out;
}

}  // namespace cairn::mr
