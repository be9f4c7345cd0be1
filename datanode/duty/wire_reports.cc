#include "datanode/duty/wire_reports.h"

#include "common/rpc/convert.h"

namespace cairn::dn {

void toWire(const ReplicaKey& key, const ReplicaNews& news, wire::ReplicaReport::Builder to) {
  toWire(key, to.initChunk());
  to.setLength(news.length);
  to.setStoredLength(news.storedLength);
  to.setVolume(news.volume);
  switch (news.kind) {
    case ReplicaNews::Kind::FINAL: to.setState(wire::ReplicaState::FINAL); break;
    case ReplicaNews::Kind::RBW: to.setState(wire::ReplicaState::RBW); break;
    case ReplicaNews::Kind::DAMAGED: to.setState(wire::ReplicaState::DAMAGED); break;
    case ReplicaNews::Kind::QUARANTINED:
    case ReplicaNews::Kind::REMOVED: to.setState(wire::ReplicaState::QUARANTINED); break;
  }
}

void toWire(const VolumeStatus& volume, wire::VolumeReport::Builder to) {
  to.setPath(rpc::toText(volume.path));
  to.setCapacity(volume.capacityBytes);
  to.setUsed(volume.usedBytes);
  to.setFree(volume.freeBytes);
  to.setFailed(volume.failed);
  to.setError(rpc::toText(volume.error));
  to.setReplicas(volume.replicas);
}

void toWire(std::uint64_t range, const InventoryDigest& digest, wire::RangeDigest::Builder to) {
  to.setRange(range);
  to.setCount(digest.count());
  auto sum = to.initSum();
  sum.setHigh(digest.sumHigh());
  sum.setLow(digest.sumLow());
}

}  // namespace cairn::dn
