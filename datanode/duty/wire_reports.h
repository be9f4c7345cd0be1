// Replicas and volumes as the wire has them.
// Layer: datanode/duty.
#pragma once

#include <vector>

#include "common/schema/cluster.capnp.h"
#include "datanode/store/replica_store.h"
#include "datanode/store/report_queue.h"

namespace cairn::dn {

inline void toWire(const ReplicaKey& key, wire::ChunkRef::Builder to) {
  to.setId(key.chunk.value);
  to.setGeneration(key.generation.value);
}

// REQUIRES: the news are not of a removal.
void toWire(const ReplicaKey& key, const ReplicaNews& news, wire::ReplicaReport::Builder to);
void toWire(const VolumeStatus& volume, wire::VolumeReport::Builder to);
void toWire(std::uint64_t range, const InventoryDigest& digest, wire::RangeDigest::Builder to);

}  // namespace cairn::dn
