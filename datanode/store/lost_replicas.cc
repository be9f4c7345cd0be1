#include "datanode/store/lost_replicas.h"

namespace cairn::dn {

void LostReplicas::add(const ReplicaKey& key, const Uuid& volume) {
  if (find(key) != nullptr) return;
  forget(key);
  const auto order = ++added_;
  byChunk_[key.chunk] = {.lost = {.generation = key.generation, .volume = volume}, .order = order};
  inOrder_[order] = key.chunk;
  if (byChunk_.size() <= CHUNKS_MAX) return;
  byChunk_.erase(inOrder_.begin()->second);
  inOrder_.erase(inOrder_.begin());
}

const LostReplicas::Lost* LostReplicas::find(const ReplicaKey& key) const {
  const auto at = byChunk_.find(key.chunk);
  if (at == byChunk_.end() || at->second.lost.generation < key.generation) return nullptr;
  return &at->second.lost;
}

bool LostReplicas::forget(const ReplicaKey& key) {
  const auto at = byChunk_.find(key.chunk);
  if (at == byChunk_.end() || at->second.lost.generation > key.generation) return false;
  inOrder_.erase(at->second.order);
  byChunk_.erase(at);
  return true;
}

LostNote LostReplicas::all() const {
  LostNote all;
  for (const auto& [chunk, entry] : byChunk_) {
    all.emplace(ReplicaKey{chunk, entry.lost.generation}, entry.lost.volume);
  }
  return all;
}

}  // namespace cairn::dn
