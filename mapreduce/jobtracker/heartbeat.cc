// Signs of life and progress.
#include "common/rpc/convert.h"
#include "mapreduce/jobtracker/core.h"
#include "mapreduce/jobtracker/wire_values.h"

namespace cairn::mr {

void Core::heartbeat(sched::TrackerId trackerId,
                     capnp::List<wire::AttemptProgress>::Reader attempts) {
  trackers_.at(trackerId).lastHeardMicros = host_.clock.monotonicMicros();
  std::vector<AttemptId> unwanted;
  for (auto update : attempts) {
    const auto id = AttemptId::parse(rpc::toView(update.getAttempt()));
    if (!id.has_value()) continue;
    const auto entry = find(id->task.job);
    auto* attempt = entry ? entry->job.findAttempt(*id) : nullptr;
    if (attempt == nullptr || attempt->tracker != trackerId || hasEnded(attempt->state) ||
        entry->job.phase() == JobPhase::ENDED) {
      unwanted.push_back(*id);
      continue;
    }
    attempt->liveProgress = update.getProgress();
    attempt->livePhase = rpc::toString(update.getPhase());
    attempt->liveStatus = rpc::toString(update.getStatus());
    if (update.getCounters().size() > 0 && checkCounters(update.getCounters()).has_value()) {
      attempt->counters = countersFrom(update.getCounters());
    }
    attempt->liveShuffled = update.getShuffled();
    touch(*entry, true);
  }
  sendKill(trackerId, unwanted, "given up");
}

}  // namespace cairn::mr
