#include "namenode/meta/directory_cache.h"

#include <algorithm>

namespace cairn::nn {

DirectoryCache::DirectoryCache(std::size_t entriesMax)
    : shardEntriesMax_(std::max<std::size_t>(entriesMax / SHARDS, 1)) {}

std::shared_ptr<const PathNode> DirectoryCache::find(std::string_view direntKey) {
  Shard& shard = shardOf(direntKey);
  const std::lock_guard lock(shard.mutex);
  const auto it = shard.byKey.find(direntKey);
  if (it == shard.byKey.end()) return nullptr;
  if (it->second != shard.byUse.begin()) {
    shard.byUse.splice(shard.byUse.begin(), shard.byUse, it->second);
  }
  return it->second->node;
}

void DirectoryCache::insert(std::string_view direntKey, std::shared_ptr<const PathNode> node,
                            std::uint64_t version) {
  Shard& shard = shardOf(direntKey);
  const std::lock_guard lock(shard.mutex);
  // Under the lock: a change that begins after this test will find and forget the entry.
  if (changing(version) || version_.load(std::memory_order_acquire) != version) return;
  if (shard.byKey.contains(direntKey)) return;
  if (shard.byUse.size() >= shardEntriesMax_) {
    shard.byKey.erase(shard.byUse.back().key);
    shard.byUse.pop_back();
  }
  shard.byUse.push_front({std::string(direntKey), std::move(node)});
  shard.byKey.emplace(shard.byUse.front().key, shard.byUse.begin());
}

void DirectoryCache::beginChange(std::span<const std::string> direntKeys) {
  version_.fetch_add(1, std::memory_order_acq_rel);
  for (const auto& key : direntKeys) {
    Shard& shard = shardOf(key);
    const std::lock_guard lock(shard.mutex);
    const auto it = shard.byKey.find(key);
    if (it == shard.byKey.end()) continue;
    const auto entry = it->second;
    shard.byKey.erase(it);
    shard.byUse.erase(entry);
  }
}

void DirectoryCache::endChange() { version_.fetch_add(1, std::memory_order_acq_rel); }

std::size_t DirectoryCache::entries() const {
  std::size_t n = 0;
  for (const auto& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    n += shard.byUse.size();
  }
  return n;
}

}  // namespace cairn::nn
