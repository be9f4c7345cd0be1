// What the job tracker counts of its own work.
// Layer: mapreduce/jobtracker.  Threads: any.
#pragma once

#include <array>
#include <string>

#include "common/metrics/metrics.h"
#include "common/schema/job.pb.h"
#include "mapreduce/api/ids.h"
#include "mapreduce/sched/types.h"

namespace cairn::mr {

class JobTrackerMetrics {
public:
  explicit JobTrackerMetrics(metrics::Registry& registry)
      : submitted(registry.counter("cairn_jobtracker_jobs_submitted_total", "Jobs accepted")),
        open(registry.gauge("cairn_jobtracker_jobs_open", "Jobs that have not been archived")),
        trackers(registry.gauge("cairn_jobtracker_trackers", "Task trackers that take tasks")),
        trackersLost(registry.counter("cairn_jobtracker_trackers_lost_total",
                                      "Task trackers that were silent for too long")),
        outputsLost(registry.counter("cairn_jobtracker_map_outputs_lost_total",
                                     "Finished maps that had to run again")),
        promoted(registry.counter("cairn_jobtracker_promotions_total",
                                  "Attempts whose output files were promoted")) {
    const auto ended = [&](const char* how) {
      return &registry.counter("cairn_jobtracker_jobs_ended_total", "Jobs that ended",
                               {{"how", how}});
    };
    ended_ = {ended("succeeded"), ended("failed"), ended("killed")};
    constexpr std::array LOCALITIES = {"node", "machine", "rack", "any"};
    for (std::size_t i = 0; i < LOCALITIES.size(); ++i) {
      mapsLaunched_[i] = &registry.counter("cairn_jobtracker_maps_launched_total",
                                           "Map attempts given to a tracker, by how near it was "
                                           "to the input",
                                           {{"locality", LOCALITIES[i]}});
    }
    reducesLaunched_ = &registry.counter("cairn_jobtracker_reduces_launched_total",
                                         "Reduce attempts given to a tracker");
    const auto attempts = [&](const char* how) {
      return &registry.counter("cairn_jobtracker_attempts_ended_badly_total",
                               "Attempts without a result, by whether it was their own fault",
                               {{"how", how}});
    };
    attemptsFailed_ = attempts("failed");
    attemptsKilled_ = attempts("killed");
  }

  metrics::Counter& ended(record::JobEnd end) {
    return *ended_[end == record::SUCCEEDED ? 0 : end == record::KILLED ? 2 : 1];
  }
  metrics::Counter& launched(TaskKind kind, sched::Locality locality) {
    return kind == TaskKind::MAP ? *mapsLaunched_[static_cast<std::size_t>(locality)]
                                 : *reducesLaunched_;
  }
  metrics::Counter& endedBadly(bool killed) { return killed ? *attemptsKilled_ : *attemptsFailed_; }

  metrics::Counter& submitted;
  metrics::Gauge& open;
  metrics::Gauge& trackers;
  metrics::Counter& trackersLost;
  metrics::Counter& outputsLost;
  metrics::Counter& promoted;

private:
  std::array<metrics::Counter*, 3> ended_{};
  std::array<metrics::Counter*, 4> mapsLaunched_{};
  metrics::Counter* reducesLaunched_ = nullptr;
  metrics::Counter* attemptsFailed_ = nullptr;
  metrics::Counter* attemptsKilled_ = nullptr;
};

}  // namespace cairn::mr
