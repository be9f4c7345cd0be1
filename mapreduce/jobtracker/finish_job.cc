// The end of a job: the output appears, or the job fails; then what it leaves behind goes away.
#include <utility>

#include "common/log/log.h"
#include "mapreduce/jobtracker/core.h"

namespace cairn::mr {

void Core::reviewEnd(const EntryPtr& entry) {
  if (entry == nullptr || entry->ending || entry->job.phase() != JobPhase::RUNNING ||
      !entry->job.allDone()) {
    return;
  }
  entry->ending = true;
  tasks_.add(publish(entry));
}

kj::Promise<void> Core::publish(EntryPtr entry) {
  auto& job = entry->job;
  Result<void> result;
  if (job.phase() == JobPhase::RUNNING) {
    auto directory = co_await persistently<std::uint64_t>(
        [this, entry]() { return files_.seal(entry->job.spec(), entry->job.id()); },
        [entry]() { return entry->job.phase() == JobPhase::RUNNING; });
    // A kill may have come in between.
    if (job.phase() == JobPhase::ENDED) co_return;
    if (directory.has_value()) {
      auto event = this->event();
      event.mutable_job_commit_started()->set_directory(*directory);
      record(*entry, event);
      result = co_await journal_.durable();
    } else {
      result = fail(std::move(directory).error());
    }
  }
  if (result.has_value()) {
    // Whether an unanswered rename took effect, only another try can tell.
    result = co_await persistently<void>(
        [this, entry]() {
          const auto& job = entry->job;
          return files_.publish(job.spec(), job.id(), job.outputDirectory());
        },
        []() { return true; });
  }
  if (result.has_value()) {
    endJob(entry, record::SUCCEEDED, {});
  } else {
    endJob(entry, record::FAILED, "the output could not be published: " + result.error().message());
  }
}

void Core::failJob(Entry& entry, const TaskId& because) {
  std::uint32_t failed[2] = {0, 0};
  std::uint32_t killed[2] = {0, 0};
  for (const auto kind : {TaskKind::MAP, TaskKind::REDUCE}) {
    for (const auto& task : entry.job.tasks(kind)) {
      if (task.failures >= options_.attemptsMax) {
        ++failed[static_cast<int>(kind)];
      } else if (task.running() != nullptr) {
        ++killed[static_cast<int>(kind)];
      }
    }
  }
  // Hadoop's words; scripts look for them.
  endJob(find(entry.job.id()), record::FAILED,
         "Task failed " + because.toString() + "\nJob failed as tasks failed. failedMaps:" +
             std::to_string(failed[0]) + " failedReduces:" + std::to_string(failed[1]) +
             " killedMaps:" + std::to_string(killed[0]) +
             " killedReduces: " + std::to_string(killed[1]));
}

void Core::endJob(const EntryPtr& entry, record::JobEnd end, std::string message) {
  auto& job = entry->job;
  if (job.phase() == JobPhase::ENDED) return;
  LOG(INFO) << job.id().toString() << " ended: " << record::JobEnd_Name(end) << " " << message;
  auto event = this->event();
  event.mutable_job_ended()->set_end(end);
  event.mutable_job_ended()->set_message(std::move(message));
  record(*entry, event);
  metrics_.ended(end).add();
  scheduler_.removeJob(job.id());
  for (auto& [id, tracker] : trackers_) {
    std::erase_if(tracker.attempts,
                  [&](const AttemptId& attempt) { return attempt.task.job == job.id(); });
  }
  scheduleSoon();
  tasks_.add(buryJob(entry));
}

kj::Promise<void> Core::buryJob(EntryPtr entry) {
  const auto id = entry->job.id();
  // A dead journal has told everyone already.
  if (!(co_await journal_.durable()).has_value()) co_return;
  entry->endDurable = true;
  touch(*entry);
  auto outputWatchers = kj::mv(entry->outputWatchers);
  entry->outputWatchers = {};
  for (auto& watcher : outputWatchers) watcher->fulfill();

  // Trackers end what still runs of it, and only then is there nobody who writes into its
  // directory; but an absent tracker must not hold up the rest, and cannot do harm (job_files.h).
  kj::Vector<kj::Promise<void>> told;
  for (auto& [trackerId, tracker] : trackers_) {
    std::erase_if(tracker.held, [&](const AttemptId& attempt) { return attempt.task.job == id; });
    KJ_IF_MAYBE (client, tracker.client) {
      auto request = client->forgetRequest();
      request.initJobs(1).set(0, id.toString());
      told.add(request.send().ignoreResult().catch_([](kj::Exception&&) {}));
    }
  }
  co_await kj::joinPromises(told.releaseAsArray())
      .exclusiveJoin(host_.timer.afterDelay(options_.trackerExpiryMs * kj::MILLISECONDS));
  auto cleaned = co_await persistently<void>(
      [this, entry, id]() { return files_.cleanUp(entry->job.spec(), id); }, []() { return true; });
  if (!cleaned.has_value()) {
    // The next start of the job tracker tries again: the job is not archived.
    LOG(WARNING) << id.toString() << " leaves files behind: " << cleaned.error().toString();
    co_return;
  }
  auto summary = summarise(entry->job);
  journal_.archive(id, summary);
  while (ended_.size() >= options_.endedJobsKept && !ended_.empty()) {
    journal_.drop(ended_.begin()->first);
    ended_.erase(ended_.begin());
  }
  ended_.emplace(id, std::move(summary));
  jobs_.erase(id);
  metrics_.open.set(static_cast<std::int64_t>(jobs_.size()));
}

}  // namespace cairn::mr
