// Gauges of the cluster's state, for whoever watches it.
// Layer: duty.  Threads: the namenode's loop.
#pragma once

#include <cstdint>

#include "common/metrics/metrics.h"
#include "namenode/state/state.h"

namespace cairn::nn {

class StateGauges {
public:
  // `registry` outlives it.
  explicit StateGauges(metrics::Registry& registry);

  // Cost: O(datanodes and their volumes); what is known of chunks is as of the last census.
  void update(State& state);

private:
  metrics::Gauge& live_;
  metrics::Gauge& stale_;
  metrics::Gauge& dead_;
  metrics::Gauge& known_;
  metrics::Gauge& volumesFailed_;
  metrics::Gauge& capacityBytes_;
  metrics::Gauge& usedBytes_;
  metrics::Gauge& freeBytes_;
  metrics::Gauge& files_;
  metrics::Gauge& directories_;
  metrics::Gauge& writers_;
  metrics::Gauge& chunks_;
  metrics::Gauge& underReplicated_;
  metrics::Gauge& missing_;
  metrics::Gauge& damagedReplicas_;
  metrics::Gauge& deletes_;
  metrics::Gauge& safeMode_;
  metrics::Gauge& logBytes_;
  metrics::Gauge& databaseBytes_;
};

}  // namespace cairn::nn
