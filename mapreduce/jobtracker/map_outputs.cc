// Where map outputs are, for reduces that wait for them; and outputs that reduces cannot get.
#include <algorithm>
#include <utility>

#include "common/log/log.h"
#include "common/rpc/convert.h"
#include "mapreduce/jobtracker/core.h"
#include "mapreduce/jobtracker/wire_values.h"

namespace cairn::mr {

namespace {

// A version is {life of this job tracker, length of the log}: a number from an earlier life makes
// the reduce hear everything again.
constexpr int LOG_BITS = 32;

}  // namespace

kj::Promise<Result<Core::OutputsPage>> Core::mapOutputs(JobId id, std::uint64_t afterVersion) {
  const auto life = static_cast<std::uint64_t>(startMs_) << LOG_BITS;
  std::uint64_t from = afterVersion & ((std::uint64_t{1} << LOG_BITS) - 1);
  if (afterVersion - from != life) from = 0;
  while (true) {
    const auto entry = find(id);
    if (entry == nullptr || entry->job.phase() == JobPhase::ENDED) {
      co_return fail(Code::CANCELLED, id.toString() + " is over");
    }
    auto& log = entry->outputsLog;
    from = std::min<std::uint64_t>(from, log.size());
    if (from < log.size()) {
      const auto to = std::min<std::uint64_t>(log.size(), from + limits::MAP_OUTPUTS_PAGE);
      OutputsPage page{life | to, {}};
      std::set<std::uint32_t> seen;
      for (auto i = from; i < to; ++i) {
        if (seen.insert(log[i]).second) page.maps.push_back(log[i]);
      }
      co_return page;
    }
    auto paf = kj::newPromiseAndFulfiller<void>();
    entry->outputWatchers.add(kj::mv(paf.fulfiller));
    co_await kj::mv(paf.promise);
  }
}

void Core::fillMapOutput(JobId id, std::uint32_t map, std::uint32_t reduce,
                         wire::MapOutput::Builder to) const {
  to.setMap(map);
  const auto entry = find(id);
  if (entry == nullptr) return;
  const auto& task = entry->job.tasks(TaskKind::MAP)[map];
  if (!task.done || reduce >= task.segments.size()) return;
  const auto& attempt = task.attempts[*task.winner];
  to.setAttempt(*task.winner);
  const auto tracker = trackers_.find(attempt.tracker);
  if (tracker == trackers_.end() || tracker->second.client == nullptr) return;
  to.setAvailable(true);
  to.setAddress(tracker->second.address);
  to.setMachine(tracker->second.place.machine);
  to.setDirectory(tracker->second.directory);
  segmentTo(task.segments[reduce], to.initSegment());
}

kj::Promise<Result<void>> Core::mapOutputLost(AttemptId id, std::string reporter, Status reason) {
  const auto entry = find(id.task.job);
  auto* task = entry ? entry->job.findTask(id.task) : nullptr;
  if (task == nullptr || !task->done || task->winner != id.number ||
      id.task.kind != TaskKind::MAP || entry->job.phase() != JobPhase::RUNNING) {
    co_return Result<void>{};  // known already
  }
  LOG(WARNING) << reporter << " cannot get the output of " << id.toString() << ": "
               << reason.toString();
  const auto holder = task->attempts[id.number].tracker;
  const auto tracker = trackers_.find(holder);
  const bool certain = reason.code() == Code::CORRUPT || reason.code() == Code::NOT_FOUND;
  // A tracker that is away comes back with it, or is lost.
  const bool away = tracker != trackers_.end() && tracker->second.client == nullptr;
  if (certain || (!away && ++entry->fetchReports[id] >= limits::FETCH_REPORTS_MAX)) {
    entry->fetchReports.erase(id);
    if (tracker != trackers_.end()) tracker->second.held.erase(id);
    // Outputs go bad there, or cannot be got from there: the next attempt runs elsewhere.
    scheduler_.failedOn(id.task, holder);
    // At once, also while the tracker is away: it would come back with the output, which a reduce
    // that has reported it never takes again.
    if (outputsNeeded(*entry)) {
      loseOutput(*entry, id.task.index, "its output cannot be used: " + reason.message(), certain);
    }
  }
  co_return co_await journal_.durable();
}

}  // namespace cairn::mr
