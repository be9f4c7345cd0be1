#include "datanode/store/replica_table.h"

#include <limits>

namespace cairn::dn {

void ReplicaTable::account(const ReplicaKey& key, const Replica& replica, bool added) {
  auto& totals = totals_[replica.volume];
  totals.replicas += added ? 1 : -1;
  totals.storedBytes += added ? replica.storedLength : -replica.storedLength;
  if (replica.state != ReplicaState::FINAL) return;
  const auto range = inventoryRangeOf(key.chunk);
  auto& digest = digests_[range];
  if (added) {
    digest.add(key.chunk, key.generation, replica.length);
  } else {
    digest.remove(key.chunk, key.generation, replica.length);
    if (digest.count() == 0) digests_.erase(range);
  }
}

void ReplicaTable::put(const ReplicaKey& key, const Replica& replica) {
  auto [at, added] = replicas_.try_emplace(key);
  auto& here = at->second;
  if (added) {
    here.incarnation = Incarnation(++lastIncarnation_);
  } else {
    account(key, here, false);
  }
  const auto incarnation = here.incarnation;
  here = replica;
  here.incarnation = incarnation;
  account(key, here, true);
}

std::optional<Replica> ReplicaTable::remove(const ReplicaKey& key) {
  auto at = replicas_.find(key);
  if (at == replicas_.end()) return std::nullopt;
  const auto replica = at->second;
  replicas_.erase(at);
  account(key, replica, false);
  return replica;
}

const Replica* ReplicaTable::find(const ReplicaKey& key) const {
  auto at = replicas_.find(key);
  return at == replicas_.end() ? nullptr : &at->second;
}

std::optional<GenerationStamp> ReplicaTable::newestOf(ChunkId chunk) const {
  constexpr GenerationStamp LAST(std::numeric_limits<std::uint64_t>::max());
  auto behind = replicas_.upper_bound(ReplicaKey{chunk, LAST});
  if (behind == replicas_.begin()) return std::nullopt;
  const auto& key = std::prev(behind)->first;
  if (key.chunk != chunk) return std::nullopt;
  return key.generation;
}

std::vector<std::pair<std::uint64_t, InventoryDigest>> ReplicaTable::digests(
    std::uint64_t first, std::size_t limit) const {
  std::vector<std::pair<std::uint64_t, InventoryDigest>> found;
  for (auto at = digests_.lower_bound(first); at != digests_.end() && found.size() < limit; ++at) {
    found.emplace_back(*at);
  }
  return found;
}

std::vector<std::pair<ReplicaKey, Replica>> ReplicaTable::inRange(std::uint64_t range) const {
  std::vector<std::pair<ReplicaKey, Replica>> found;
  // A range beyond the last id would wrap around to the first ones.
  if (range > inventoryRangeOf(ChunkId(std::numeric_limits<std::uint64_t>::max()))) return found;
  const ChunkId first(range << INVENTORY_RANGE_SHIFT);
  for (auto at = replicas_.lower_bound({first, GenerationStamp(0)});
       at != replicas_.end() && inventoryRangeOf(at->first.chunk) == range; ++at) {
    found.emplace_back(*at);
  }
  return found;
}

std::vector<std::pair<ReplicaKey, Replica>> ReplicaTable::unfinished() const {
  std::vector<std::pair<ReplicaKey, Replica>> found;
  for (const auto& entry : replicas_) {
    if (entry.second.state != ReplicaState::FINAL) found.emplace_back(entry);
  }
  return found;
}

std::vector<std::pair<ReplicaKey, Replica>> ReplicaTable::dropVolume(std::uint8_t volume) {
  std::vector<std::pair<ReplicaKey, Replica>> dropped;
  for (auto at = replicas_.begin(); at != replicas_.end();) {
    if (at->second.volume != volume) {
      ++at;
      continue;
    }
    dropped.emplace_back(*at);
    account(at->first, at->second, false);
    at = replicas_.erase(at);
  }
  return dropped;
}

ReplicaTable::Totals ReplicaTable::totalsOf(std::uint8_t volume) const {
  auto at = totals_.find(volume);
  return at == totals_.end() ? Totals() : at->second;
}

}  // namespace cairn::dn
