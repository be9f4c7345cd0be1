#include "mapreduce/jobtracker/core.h"

#include <kj/debug.h>

#include "common/log/log.h"
#include "common/rpc/convert.h"

namespace cairn::mr {

Core::Core(rpc::Host& host, const JobTrackerOptions& options, JobFiles& files, Journal& journal,
           std::int64_t startMs)
    : host_(host),
      options_(options),
      files_(files),
      journal_(journal),
      metrics_(host.metrics),
      startMs_(startMs),
      tasks_(*this),
      self_(std::make_shared<Core*>(this)) {}

Core::~Core() noexcept(false) {
  *self_ = nullptr;
  calls_.cancel(KJ_EXCEPTION(DISCONNECTED, "the job tracker stops"));
}

void Core::taskFailed(kj::Exception&& exception) {
  LOG(ERROR) << "job tracker: " << rpc::fromException(exception, "a background task").toString();
}

Core::EntryPtr Core::find(const JobId& id) const {
  const auto at = jobs_.find(id);
  return at == jobs_.end() ? nullptr : at->second;
}

const TrackedJob* Core::findJob(JobId id) const {
  const auto entry = find(id);
  return entry == nullptr ? nullptr : &entry->job;
}

record::JobEvent Core::event() const {
  record::JobEvent event;
  event.set_time_ms(host_.clock.nowMs());
  return event;
}

void Core::record(Entry& entry, const record::JobEvent& event) {
  auto applied = entry.job.apply(event);
  // The operations check the state first, so a misfit is a bug here. Journalling it would make the
  // next start fail.
  CHECK(applied.has_value()) << applied.error().toString() << ": " << event.ShortDebugString();
  journal_.append(entry.job.id(), event);
  touch(entry);
}

void Core::touch(Entry& entry, bool progressOnly) {
  ++entry.version;
  const auto sinceMicros = host_.clock.monotonicMicros() - entry.lastWakeMicros;
  if (!progressOnly || sinceMicros >= std::int64_t{limits::PROGRESS_MS} * 1000) {
    wakeWatchers(entry);
    return;
  }
  if (entry.wakePlanned) return;
  entry.wakePlanned = true;
  const auto id = entry.job.id();
  const auto restMicros = std::int64_t{limits::PROGRESS_MS} * 1000 - sinceMicros;
  tasks_.add(host_.timer.afterDelay(restMicros * kj::MICROSECONDS).then([this, id]() {
    if (const auto later = find(id)) {
      later->wakePlanned = false;
      wakeWatchers(*later);
    }
  }));
}

void Core::wakeWatchers(Entry& entry) {
  entry.lastWakeMicros = host_.clock.monotonicMicros();
  auto watchers = kj::mv(entry.watchers);
  entry.watchers = {};
  for (auto& watcher : watchers) watcher->fulfill();
}

void Core::outputsChanged(Entry& entry, std::uint32_t map) {
  entry.outputsLog.push_back(map);
  auto watchers = kj::mv(entry.outputWatchers);
  entry.outputWatchers = {};
  for (auto& watcher : watchers) watcher->fulfill();
}

}  // namespace cairn::mr
