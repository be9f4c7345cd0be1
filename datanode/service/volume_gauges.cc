#include "datanode/service/volume_gauges.h"

#include <string>

namespace cairn::dn {

void VolumeGauges::update(const ReplicaStore& store) {
  const auto volumes = store.volumes();
  while (all_.size() < volumes.size()) {
    const metrics::Labels labels{{"volume", std::to_string(all_.size() + 1)}};
    all_.push_back(
        {registry_.gauge("cairn_datanode_volume_capacity_bytes", "Size of the volume's disk.",
                         labels),
         registry_.gauge("cairn_datanode_volume_used_bytes", "What replicas take.", labels),
         registry_.gauge("cairn_datanode_volume_free_bytes", "What may still be written.", labels),
         registry_.gauge("cairn_datanode_volume_failed", "1 while the volume is out of service.",
                         labels)});
  }
  for (std::size_t i = 0; i < volumes.size(); ++i) {
    all_[i].capacityBytes.set(static_cast<std::int64_t>(volumes[i].capacityBytes));
    all_[i].usedBytes.set(static_cast<std::int64_t>(volumes[i].usedBytes));
    all_[i].freeBytes.set(static_cast<std::int64_t>(volumes[i].freeBytes));
    all_[i].failed.set(volumes[i].failed ? 1 : 0);
  }
}

}  // namespace cairn::dn
