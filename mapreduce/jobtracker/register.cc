// Trackers come, go silent, come back, and are lost.
#include <algorithm>
#include <utility>

#include "common/log/log.h"
#include "common/rpc/convert.h"
#include "mapreduce/jobtracker/core.h"

namespace cairn::mr {

kj::Promise<Result<Core::Registration>> Core::registerTracker(wire::TrackerInfo::Reader info,
                                                              wire::TaskTracker::Client client,
                                                              std::vector<AttemptId> running,
                                                              std::vector<AttemptId> held,
                                                              std::vector<JobId> jobs) {
  const auto id = rpc::fromWire(info.getUuid());
  auto& tracker = trackers_[id];
  tracker.name = rpc::toString(info.getName());
  tracker.address = rpc::toString(info.getAddress());
  tracker.directory = rpc::toString(info.getDirectory());
  tracker.place = {NodeId(info.getNode()), rpc::toString(info.getMachine()),
                   rpc::toString(info.getRack())};
  tracker.slots = {info.getMapSlots(), info.getReduceSlots()};
  tracker.session = ++lastSession_;
  tracker.client = kj::mv(client);
  tracker.lastHeardMicros = host_.clock.monotonicMicros();
  scheduler_.addTracker(id, tracker.place, tracker.slots);
  metrics_.trackers.set(static_cast<std::int64_t>(scheduler_.trackers()));
  watch(id);
  LOG(INFO) << "task tracker " << tracker.name << " at " << tracker.address << " registered with "
            << running.size() << " running attempts and " << held.size() << " map outputs";

  Registration registration{tracker.session, {}};
  std::set<JobId> over;
  std::vector<AttemptId> unwanted;
  std::set<AttemptId> alive;
  for (const auto& attemptId : running) {
    const auto entry = find(attemptId.task.job);
    if (entry == nullptr || entry->job.phase() == JobPhase::ENDED) {
      over.insert(attemptId.task.job);
      continue;
    }
    const auto* attempt = entry->job.findAttempt(attemptId);
    if (attempt != nullptr && attempt->tracker == id && !hasEnded(attempt->state)) {
      alive.insert(attemptId);
    } else {
      unwanted.push_back(attemptId);
    }
  }
  tracker.held.clear();
  for (const auto& attemptId : held) {
    const auto entry = find(attemptId.task.job);
    if (entry == nullptr || entry->job.phase() == JobPhase::ENDED) {
      over.insert(attemptId.task.job);
    } else {
      tracker.held.insert(attemptId);
    }
  }
  for (const auto& jobId : jobs) {
    const auto entry = find(jobId);
    if (entry == nullptr || entry->job.phase() == JobPhase::ENDED) over.insert(jobId);
  }
  // What was given to it and does not run there died with the tracker's earlier life, or never
  // arrived.
  const auto believed = tracker.attempts;
  for (const auto& attemptId : believed) {
    if (alive.contains(attemptId)) continue;
    if (const auto entry = find(attemptId.task.job)) {
      attemptEnded(*entry, attemptId, true, "ended with its task tracker", {});
    }
  }
  std::vector<EntryPtr> open;
  for (const auto& [jobId, entry] : jobs_) open.push_back(entry);
  for (const auto& entry : open) {
    reviewMaps(*entry);
    // Reduces may be waiting for outputs that are back, under an address that may be new.
    const auto& maps = entry->job.tasks(TaskKind::MAP);
    if (!entry->job.hasReduces()) continue;
    for (std::uint32_t i = 0; i < maps.size(); ++i) {
      if (maps[i].done && maps[i].attempts[*maps[i].winner].tracker == id) {
        outputsChanged(*entry, i);
      }
    }
  }
  sendKill(id, unwanted, "given up while the task tracker was away");
  for (const auto& job : over) registration.forgotten.push_back(job.toString());
  for (const auto& entry : open) touch(*entry, true);
  scheduleSoon();
  CO_TRY(co_await journal_.durable());
  co_return registration;
}

Result<void> Core::checkSession(sched::TrackerId id, std::uint64_t session) const {
  const auto tracker = trackers_.find(id);
  if (tracker == trackers_.end() || tracker->second.session != session) {
    return fail(Code::STALE,
                "this registration is over: the task tracker was lost or has "
                "registered again");
  }
  return {};
}

void Core::sessionClosed(sched::TrackerId id, std::uint64_t session) {
  if (!checkSession(id, session).has_value()) return;
  auto& tracker = trackers_.at(id);
  LOG(WARNING) << "task tracker " << tracker.name << " is gone; lost in "
               << options_.trackerExpiryMs << " ms unless it comes back";
  tracker.client = nullptr;
  tracker.lastHeardMicros = host_.clock.monotonicMicros();
  scheduler_.removeTracker(id);
  metrics_.trackers.set(static_cast<std::int64_t>(scheduler_.trackers()));
  watch(id);
}

void Core::watch(sched::TrackerId id) {
  trackers_.at(id).watchdog =
      watchdog(id).eagerlyEvaluate([this](kj::Exception&& e) { taskFailed(kj::mv(e)); });
}

kj::Promise<void> Core::watchdog(sched::TrackerId id) {
  const auto expiryMicros = std::int64_t{options_.trackerExpiryMs} * 1000;
  while (true) {
    const auto silentMicros = host_.clock.monotonicMicros() - trackers_.at(id).lastHeardMicros;
    if (silentMicros >= expiryMicros) break;
    co_await host_.timer.afterDelay((expiryMicros - silentMicros) * kj::MICROSECONDS);
  }
  // Not from in here: losing the tracker destroys this coroutine.
  tasks_.add(kj::evalLater([this, id]() {
    const auto tracker = trackers_.find(id);
    const auto expiryMicros = std::int64_t{options_.trackerExpiryMs} * 1000;
    if (tracker == trackers_.end() ||
        host_.clock.monotonicMicros() - tracker->second.lastHeardMicros < expiryMicros) {
      return;
    }
    loseTracker(id, "no sign of life for " + std::to_string(options_.trackerExpiryMs) + " ms");
  }));
}

void Core::loseTracker(sched::TrackerId id, std::string reason) {
  const auto at = trackers_.find(id);
  if (at == trackers_.end()) return;
  auto tracker = kj::mv(at->second);
  trackers_.erase(at);
  metrics_.trackersLost.add();
  scheduler_.removeTracker(id);
  metrics_.trackers.set(static_cast<std::int64_t>(scheduler_.trackers()));
  LOG(WARNING) << "task tracker " << tracker.name << " is lost: " << reason << "; "
               << tracker.attempts.size() << " attempts ran there";
  for (const auto& attemptId : tracker.attempts) {
    if (const auto entry = find(attemptId.task.job)) {
      attemptEnded(*entry, attemptId, true, "the task tracker " + tracker.name + " was lost", {});
    }
  }
  std::vector<EntryPtr> open;
  for (const auto& [jobId, entry] : jobs_) open.push_back(entry);
  for (const auto& entry : open) reviewMaps(*entry);
  scheduleSoon();
}

}  // namespace cairn::mr
