// What a task tracker counts of its own work.
// Layer: mapreduce/tasktracker.  Threads: any.
#pragma once

#include "common/metrics/metrics.h"

namespace cairn::mr {

struct TaskTrackerMetrics {
  explicit TaskTrackerMetrics(metrics::Registry& registry)
      : started(
            registry.counter("cairn_tasktracker_attempts_started_total", "Task processes started")),
        failed(registry.counter("cairn_tasktracker_attempts_failed_total",
                                "Attempts that ended without a result")),
        running(registry.gauge("cairn_tasktracker_attempts_running", "Attempts on this tracker")),
        outputsHeld(registry.gauge("cairn_tasktracker_map_outputs", "Map outputs on disk")),
        shuffledBytes(registry.counter("cairn_tasktracker_shuffle_sent_bytes_total",
                                       "Bytes of map outputs sent to reduces")),
        descriptors(registry.counter("cairn_tasktracker_shuffle_descriptors_total",
                                     "Map outputs handed to reduces on this host as descriptors")) {
  }

  metrics::Counter& started;
  metrics::Counter& failed;
  metrics::Gauge& running;
  metrics::Gauge& outputsHeld;
  metrics::Counter& shuffledBytes;
  metrics::Counter& descriptors;
};

}  // namespace cairn::mr
