// What clients are told about jobs and trackers.
#include <algorithm>
#include <utility>

#include "common/rpc/convert.h"
#include "mapreduce/jobtracker/core.h"
#include "mapreduce/jobtracker/wire_values.h"

namespace cairn::mr {

namespace {

void fillCounts(const TrackedJob& job, TaskKind kind, wire::TaskCounts::Builder to) {
  std::uint32_t running = 0;
  std::uint32_t pending = 0;
  for (const auto& task : job.tasks(kind)) {
    if (task.done) continue;
    ++(task.running() != nullptr ? running : pending);
  }
  to.setTotal(static_cast<std::uint32_t>(job.tasks(kind).size()));
  to.setPending(pending);
  to.setRunning(running);
  to.setDone(job.done(kind));
}

wire::JobState stateOf(record::JobEnd end) {
  switch (end) {
    case record::SUCCEEDED: return wire::JobState::SUCCEEDED;
    case record::KILLED: return wire::JobState::KILLED;
    default: return wire::JobState::FAILED;
  }
}

void fillFailure(const JobId& job, const record::JobSummary::Failure& failure,
                 wire::AttemptFailure::Builder to) {
  to.setAttempt(fromRecord(job, failure.task()).toString());
  to.setTracker(failure.tracker_name());
  to.setMessage(failure.message());
  to.setStderrTail(failure.stderr_tail());
  to.setKilled(failure.killed());
  to.setTime(failure.time_ms());
}

void fillEnded(const JobId& id, const record::JobSummary& summary, const Core::StatusQuery& query,
               wire::JobStatus::Builder to) {
  to.setName(summary.spec().name());
  to.setUser(summary.spec().user());
  to.setOutput(summary.spec().output());
  to.setState(stateOf(summary.end()));
  to.setMapProgress(summary.end() == record::SUCCEEDED ? 1 : 0);
  to.setReduceProgress(summary.end() == record::SUCCEEDED ? 1 : 0);
  to.setSubmitTime(summary.submit_ms());
  to.setFinishTime(summary.finish_ms());
  to.setMessage(summary.message());
  to.setVersion(UINT64_MAX);
  to.initMaps().setTotal(summary.maps());
  to.initReduces().setTotal(summary.reduces());
  if (summary.end() == record::SUCCEEDED) {
    to.getMaps().setDone(summary.maps());
    to.getReduces().setDone(summary.reduces());
  }
  const auto total = static_cast<std::uint32_t>(summary.failures_size());
  to.setFailuresTotal(total);
  const auto from = std::min(query.failuresFrom, total);
  const auto end = std::min(total, from + limits::FAILURES_PAGE);
  auto failures = to.initFailures(end - from);
  for (auto i = from; i < end; ++i) {
    fillFailure(id, summary.failures(static_cast<int>(i)), failures[i - from]);
  }
  if (query.withCounters) {
    const auto counters = fromRecord(summary.counters());
    countersTo(counters, to.initCounters(static_cast<unsigned>(counters.all().size())));
  }
}

}  // namespace

kj::Promise<Result<void>> Core::newer(JobId id, std::uint64_t afterVersion) {
  while (true) {
    if (ended_.contains(id)) co_return Result<void>{};
    const auto entry = find(id);
    if (entry == nullptr) co_return fail(Code::NOT_FOUND, "there is no job " + id.toString());
    // A version from another life of this job tracker says nothing.
    const bool known = afterVersion != 0 && afterVersion <= entry->version;
    if (entry->endDurable || !known || entry->version > afterVersion) co_return Result<void>{};
    auto paf = kj::newPromiseAndFulfiller<void>();
    entry->watchers.add(kj::mv(paf.fulfiller));
    co_await kj::mv(paf.promise);
  }
}

void Core::fillStatus(JobId id, const StatusQuery& query, wire::JobStatus::Builder to) const {
  to.setJob(id.toString());
  to.setTrackers(static_cast<std::uint32_t>(scheduler_.trackers()));
  const auto entry = find(id);
  if (entry == nullptr) {
    fillEnded(id, ended_.at(id), query, to);
    return;
  }
  const auto& job = entry->job;
  to.setName(job.spec().name());
  to.setUser(job.spec().user());
  to.setOutput(job.spec().output());
  if (job.phase() == JobPhase::ENDED && entry->endDurable) {
    to.setState(stateOf(job.end()));
    to.setFinishTime(job.endMs());
    to.setMessage(job.endMessage());
  } else {
    to.setState(job.phase() == JobPhase::RUNNING ? wire::JobState::RUNNING
                                                 : wire::JobState::COMMITTING);
  }
  to.setMapProgress(job.progress(TaskKind::MAP));
  to.setReduceProgress(job.progress(TaskKind::REDUCE));
  to.setSubmitTime(job.submitMs());
  to.setVersion(entry->version);
  fillCounts(job, TaskKind::MAP, to.initMaps());
  fillCounts(job, TaskKind::REDUCE, to.initReduces());
  const auto total = static_cast<std::uint32_t>(job.failures().size());
  to.setFailuresTotal(total);
  const auto from = std::min(query.failuresFrom, total);
  const auto end = std::min(total, from + limits::FAILURES_PAGE);
  auto failures = to.initFailures(end - from);
  for (auto i = from; i < end; ++i) {
    const auto& failure = job.failures()[i];
    auto wireFailure = failures[i - from];
    wireFailure.setAttempt(AttemptId{failure.task, failure.attempt}.toString());
    wireFailure.setTracker(failure.trackerName);
    wireFailure.setMessage(failure.message);
    wireFailure.setStderrTail(failure.stderrTail);
    wireFailure.setKilled(failure.killed);
    wireFailure.setTime(failure.timeMs);
  }
  if (query.withCounters) {
    const auto counters = job.counters();
    countersTo(counters, to.initCounters(static_cast<unsigned>(counters.all().size())));
  }
}

std::vector<JobId> Core::list(bool all) const {
  std::vector<JobId> ids;
  for (const auto& [id, entry] : jobs_) {
    if (all || !entry->endDurable) ids.push_back(id);
  }
  if (all) {
    for (const auto& [id, summary] : ended_) ids.push_back(id);
  }
  std::ranges::sort(ids, std::greater<>());
  return ids;
}

void Core::fillTrackers(capnp::List<wire::TrackerStatus>::Builder to) const {
  unsigned i = 0;
  for (const auto& [id, tracker] : trackers_) {
    auto status = to[i++];
    const auto running = scheduler_.runningOn(id);
    status.setName(tracker.name);
    status.setAddress(tracker.address);
    status.setNode(tracker.place.node.value);
    status.setMachine(tracker.place.machine);
    status.setRack(tracker.place.rack);
    status.setMapSlots(tracker.client == nullptr ? 0 : tracker.slots.maps);
    status.setReduceSlots(tracker.client == nullptr ? 0 : tracker.slots.reduces);
    status.setRunningMaps(running.maps);
    status.setRunningReduces(running.reduces);
  }
}

}  // namespace cairn::mr
