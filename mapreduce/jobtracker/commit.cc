// Exactly one attempt of a task wins, and its files move among the winners'.
#include <utility>

#include "common/base/fault.h"
#include "common/log/log.h"
#include "mapreduce/jobtracker/core.h"

namespace cairn::mr {

namespace {

// A part's name goes into a path: it must be one component and not one of ours.
Result<void> checkFileName(const std::string& name) {
  if (name.empty() || name.find('/') != std::string::npos || name == "." || name == ".." ||
      name == "_SUCCESS") {
    return fail(Code::INVALID_ARGUMENT, "an output file cannot be named \"" + name + "\"");
  }
  return {};
}

}  // namespace

kj::Promise<Result<bool>> Core::commit(sched::TrackerId tracker, AttemptId id,
                                       std::vector<std::string> files) {
  const auto entry = find(id.task.job);
  if (entry == nullptr) co_return false;
  if (files.size() > limits::OUTPUT_FILES_MAX) {
    co_return fail(
        Code::LIMIT_EXCEEDED,
        "an attempt has at most " + std::to_string(limits::OUTPUT_FILES_MAX) + " output files");
  }
  for (const auto& file : files) CO_TRY(checkFileName(file));
  auto& job = entry->job;
  auto* attempt = job.findAttempt(id);
  if (attempt == nullptr || attempt->tracker != tracker) co_return false;
  if (attempt->state == AttemptState::GRANTED) {
    // The call repeated, over another connection perhaps.
    const auto promotion = promotions_.find(id);
    if (promotion != promotions_.end()) co_return co_await promotion->second.addBranch();
    co_return fail(Code::OVERLOADED, "the commit is under way", 100);
  }
  if (attempt->state == AttemptState::COMMITTED || attempt->state == AttemptState::SUCCEEDED) {
    CO_TRY(co_await journal_.durable());
    co_return true;
  }
  const auto& task = *job.findTask(id.task);
  if (attempt->state != AttemptState::RUNNING || task.winner.has_value() ||
      job.phase() != JobPhase::RUNNING || job.killRequested()) {
    co_return false;
  }
  if (id.task.kind == TaskKind::MAP && job.hasReduces()) {
    co_return fail(Code::INVALID_ARGUMENT, "maps of a job with reduces have nothing to commit");
  }
  auto event = this->event();
  *event.mutable_commit_granted()->mutable_task() = toRecord(id);
  for (auto& file : files) event.mutable_commit_granted()->add_files(std::move(file));
  record(*entry, event);
  auto& promotion = promotions_.emplace(id, promote(entry, id).fork()).first->second;
  co_return co_await promotion.addBranch();
}

kj::Promise<Result<bool>> Core::promote(EntryPtr entry, AttemptId id) {
  auto result = co_await journal_.durable();
  if (result.has_value()) result = faultError("jt.commit.before_promote");
  if (result.has_value()) {
    result = co_await persistently<void>(
        [this, entry, id]() {
          return files_.promote(entry->job.spec(), id, entry->job.findAttempt(id)->files);
        },
        [entry]() { return entry->job.phase() == JobPhase::RUNNING; });
  }
  if (result.has_value()) result = faultError("jt.commit.after_promote");
  // The caller's branch keeps this coroutine's result alive; the map's only lets others join.
  tasks_.add(kj::evalLater([this, id]() { promotions_.erase(id); }));
  auto& job = entry->job;
  if (job.phase() != JobPhase::RUNNING) co_return false;
  auto event = this->event();
  const bool gone = job.findAttempt(id)->liveGone;
  if (!result.has_value()) {
    *event.mutable_commit_revoked()->mutable_task() = toRecord(id);
    record(*entry, event);
    attemptEnded(*entry, id, false, "its output could not be promoted: " + result.error().message(),
                 {});
    co_return fail(std::move(result).error());
  }
  *event.mutable_task_committed()->mutable_task() = toRecord(id);
  record(*entry, event);
  metrics_.promoted.add();
  if (gone) finishTask(*entry, id, CounterSet(job.findAttempt(id)->counters));
  CO_TRY(co_await journal_.durable());
  co_return true;
}

void Core::finishTask(Entry& entry, const AttemptId& id, const CounterSet& counters) {
  auto event = this->event();
  *event.mutable_task_finished()->mutable_task() = toRecord(id);
  toRecord(counters, event.mutable_task_finished()->mutable_counters());
  record(entry, event);
  release(entry, id);
  scheduler_.notLaunchable(id.task);
  if (id.task.kind == TaskKind::MAP) {
    scheduler_.mapsDone(entry.job.id(), entry.job.done(TaskKind::MAP));
  }
  scheduleSoon();
  reviewEnd(find(entry.job.id()));
}

}  // namespace cairn::mr
