// Gauges of each volume, by its number in datanode.dirs from 1, as in the queues' metrics.
// Layer: datanode/service.  Threads: one event loop.
#pragma once

#include <vector>

#include "common/metrics/metrics.h"
#include "datanode/store/replica_store.h"

namespace cairn::dn {

class VolumeGauges {
public:
  // `registry` outlives it.
  explicit VolumeGauges(metrics::Registry& registry) : registry_(registry) {}
  void update(const ReplicaStore& store);

private:
  struct Gauges {
    metrics::Gauge& capacityBytes;
    metrics::Gauge& usedBytes;
    metrics::Gauge& freeBytes;
    metrics::Gauge& failed;
  };
  metrics::Registry& registry_;
  std::vector<Gauges> all_;
};

}  // namespace cairn::dn
