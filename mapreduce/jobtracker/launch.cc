// Launches: from the scheduler's decision to the tracker.
#include <algorithm>
#include <utility>

#include "common/log/log.h"
#include "mapreduce/jobtracker/core.h"
#include "mapreduce/jobtracker/wire_values.h"

namespace cairn::mr {

void Core::scheduleSoon() {
  if (schedulePlanned_) return;
  schedulePlanned_ = true;
  // What else happens in this turn of the loop is decided together.
  tasks_.add(kj::evalLater([this]() {
    schedulePlanned_ = false;
    schedule();
  }));
}

void Core::schedule() {
  const auto nowMs = host_.clock.monotonicMs() + 1;  // 0 means "never" to the scheduler
  const auto decision = scheduler_.assign(nowMs);
  std::map<sched::TrackerId, std::vector<AttemptId>> byTracker;
  for (const auto& launch : decision.launches) {
    const auto entry = find(launch.task.job);
    auto& task = *entry->job.findTask(launch.task);
    const AttemptId id{launch.task, static_cast<std::uint32_t>(task.attempts.size())};
    auto& tracker = trackers_.at(launch.tracker);
    auto event = this->event();
    auto* launched = event.mutable_launched();
    *launched->mutable_task() = toRecord(id);
    launched->set_tracker(reinterpret_cast<const char*>(launch.tracker.bytes.data()),
                          launch.tracker.bytes.size());
    launched->set_tracker_name(tracker.name);
    launched->set_locality(static_cast<std::uint32_t>(launch.locality));
    record(*entry, event);
    metrics_.launched(launch.task.kind, launch.locality).add();
    tracker.attempts.insert(id);
    byTracker[launch.tracker].push_back(id);
  }
  for (auto& [tracker, attempts] : byTracker) {
    for (std::size_t from = 0; from < attempts.size(); from += limits::LAUNCHES_A_MESSAGE) {
      const auto to = std::min(attempts.size(), from + limits::LAUNCHES_A_MESSAGE);
      const auto begin = attempts.begin();
      sendLaunches(tracker, {begin + static_cast<std::ptrdiff_t>(from),
                             begin + static_cast<std::ptrdiff_t>(to)});
    }
  }

  if (decision.wakeAtMs != 0 && (wakeAtMs_ == 0 || decision.wakeAtMs < wakeAtMs_)) {
    wakeAtMs_ = decision.wakeAtMs;
    tasks_.add(host_.timer.afterDelay((decision.wakeAtMs - nowMs) * kj::MILLISECONDS)
                   .then([this, at = wakeAtMs_]() {
                     if (wakeAtMs_ == at) wakeAtMs_ = 0;
                     schedule();
                   }));
  }
}

void Core::fillLaunch(const Entry& entry, const AttemptId& id, wire::TaskLaunch::Builder to) const {
  const auto& job = entry.job;
  const auto& spec = job.spec();
  to.setAttempt(id.toString());
  to.setMaps(static_cast<std::uint32_t>(job.tasks(TaskKind::MAP).size()));
  to.setReduces(static_cast<std::uint32_t>(job.tasks(TaskKind::REDUCE).size()));
  if (id.task.kind == TaskKind::MAP) {
    const auto& split = job.submitted().splits(static_cast<int>(id.task.index));
    auto wireSplit = to.initSplit();
    wireSplit.setPath(split.path());
    wireSplit.setOffset(split.offset());
    wireSplit.setLength(split.length());
    wireSplit.setChunkBytes(split.chunk_bytes());
  }
  confTo(spec, to.initConf(static_cast<unsigned>(spec.conf_size())));
  programTo(spec.program(), to.initProgram());
  to.setUser(spec.user());
  to.setOutputDirectory(attemptDirectory(spec.output(), id));
}

void Core::sendLaunches(sched::TrackerId trackerId, std::vector<AttemptId> attempts) {
  // Not before the launches are durable: a job tracker that restarts must know the numbers it gave.
  tasks_.add(journal_.durable().then(
      [this, trackerId, attempts = std::move(attempts)](Result<void> durable) -> kj::Promise<void> {
        if (!durable.has_value()) return kj::READY_NOW;
        const auto tracker = trackers_.find(trackerId);
        if (tracker == trackers_.end()) return kj::READY_NOW;
        KJ_IF_MAYBE (client, tracker->second.client) {
          std::vector<AttemptId> wanted;
          for (const auto& id : attempts) {
            const auto entry = find(id.task.job);
            const auto* attempt = entry ? entry->job.findAttempt(id) : nullptr;
            if (attempt != nullptr && !hasEnded(attempt->state)) wanted.push_back(id);
          }
          if (wanted.empty()) return kj::READY_NOW;
          auto request = client->launchRequest();
          auto list = request.initAttempts(static_cast<unsigned>(wanted.size()));
          for (unsigned i = 0; i < wanted.size(); ++i) {
            fillLaunch(*find(wanted[i].task.job), wanted[i], list[i]);
          }
          return request.send().then(
              [this, wanted](capnp::Response<wire::TaskTracker::LaunchResults> reply) {
                const auto taken = rpc::fromWire(reply.getFault());
                if (taken.has_value()) return;
                for (const auto& id : wanted) {
                  const auto entry = find(id.task.job);
                  if (!entry) continue;
                  attemptEnded(*entry, id, false,
                               "could not be started: " + taken.error().message(), {});
                }
              },
              [](kj::Exception&&) {
                // The connection broke. The tracker says what it runs when it registers again, or
                // is lost; either way the attempts are accounted for.
              });
        }
        return kj::READY_NOW;
      }));
}

void Core::sendKill(sched::TrackerId trackerId, const std::vector<AttemptId>& attempts,
                    std::string reason) {
  const auto tracker = trackers_.find(trackerId);
  if (tracker == trackers_.end() || attempts.empty()) return;
  KJ_IF_MAYBE (client, tracker->second.client) {
    auto request = client->killRequest();
    auto list = request.initAttempts(static_cast<unsigned>(attempts.size()));
    for (unsigned i = 0; i < attempts.size(); ++i) list.set(i, attempts[i].toString());
    request.setReason(reason);
    tasks_.add(request.send().ignoreResult().catch_([](kj::Exception&&) {}));
  }
}

}  // namespace cairn::mr
