// An attempt's last words.
#include <utility>

#include "common/rpc/convert.h"
#include "mapreduce/jobtracker/core.h"
#include "mapreduce/jobtracker/wire_values.h"

namespace cairn::mr {

Result<void> Core::checkCounters(capnp::List<wire::CounterValue>::Reader counters) {
  bool fit = counters.size() <= COUNTERS_MAX;
  for (auto counter : counters) {
    fit = fit && counter.getGroup().size() <= limits::COUNTER_NAME_BYTES_MAX &&
          counter.getName().size() <= limits::COUNTER_NAME_BYTES_MAX;
  }
  if (fit) return {};
  return fail(Code::LIMIT_EXCEEDED, "an attempt has at most " + std::to_string(COUNTERS_MAX) +
                                        " counters, with groups and names of at most " +
                                        std::to_string(limits::COUNTER_NAME_BYTES_MAX) + " bytes");
}

kj::Promise<Result<void>> Core::finished(sched::TrackerId trackerId,
                                         wire::AttemptResult::Reader result) {
  CO_ASSIGN(const auto id, AttemptId::parse(rpc::toView(result.getAttempt())));
  const auto entry = find(id.task.job);
  auto* attempt = entry ? entry->job.findAttempt(id) : nullptr;
  // Told before, or given up: nothing to add. It is answered all the same, so that the tracker
  // stops.
  if (attempt == nullptr || attempt->tracker != trackerId || hasEnded(attempt->state) ||
      entry->job.phase() == JobPhase::ENDED) {
    co_return co_await journal_.durable();
  }
  const auto fits = checkCounters(result.getCounters());
  const auto counters = fits.has_value() ? countersFrom(result.getCounters()) : CounterSet();
  if (!fits.has_value() || entry->job.countersWith(counters) > COUNTERS_MAX) {
    attemptEnded(*entry, id, false,
                 fits.has_value() ? "with its counters the job would have more than " +
                                        std::to_string(COUNTERS_MAX)
                                  : fits.error().message(),
                 {});
    co_return co_await journal_.durable();
  }
  auto& job = entry->job;
  switch (result.which()) {
    case wire::AttemptResult::MAP_OUTPUT: {
      const auto segments = result.getMapOutput();
      if (id.task.kind != TaskKind::MAP || !job.hasReduces() ||
          segments.size() != job.tasks(TaskKind::REDUCE).size() ||
          attempt->state != AttemptState::RUNNING) {
        attemptEnded(*entry, id, false, "its map output does not fit the job", {});
        break;
      }
      auto event = this->event();
      auto* done = event.mutable_map_done();
      *done->mutable_task() = toRecord(id);
      for (auto segment : segments) *done->add_segments() = segmentFrom(segment);
      toRecord(counters, done->mutable_counters());
      trackers_.at(trackerId).held.insert(id);
      record(*entry, event);
      release(*entry, id);
      scheduler_.notLaunchable(id.task);
      scheduler_.mapsDone(job.id(), job.done(TaskKind::MAP));
      outputsChanged(*entry, id.task.index);
      scheduleSoon();
      break;
    }
    case wire::AttemptResult::COMMITTED:
      if (attempt->state != AttemptState::COMMITTED) {
        attemptEnded(*entry, id, false, "it ended without committing its output", {});
        break;
      }
      finishTask(*entry, id, counters);
      break;
    case wire::AttemptResult::FAILED:
      attempt->counters = counters;
      attemptEnded(*entry, id, result.getFailed().getKilled(),
                   rpc::toString(result.getFailed().getMessage()),
                   rpc::toString(result.getFailed().getStderrTail()));
      break;
    default: attemptEnded(*entry, id, false, "its task tracker is newer than this job tracker", {});
  }
  // A job without reduces and without maps left ends here, too.
  reviewEnd(entry);
  co_return co_await journal_.durable();
}

}  // namespace cairn::mr
