#include "client/core/decoded_frames.h"

#include <utility>

namespace cairn::client {

std::size_t DecodedFrames::Hash::operator()(const Key& key) const {
  // The golden ratio spreads neighbours over the high bits, which the shift brings down.
  auto mixed = (key.replica * 0x9e37'79b9'7f4a'7c15 + key.frame) * 0x9e37'79b9'7f4a'7c15;
  return mixed ^ (mixed >> 32);
}

DecodedFrames::Plain DecodedFrames::find(const Key& key) {
  auto& shard = shardOf(key);
  std::lock_guard lock(shard.mutex);
  const auto found = shard.entries.find(key);
  if (found == shard.entries.end()) return {};
  shard.recent.splice(shard.recent.begin(), shard.recent, found->second);
  return found->second->plain;
}

void DecodedFrames::keep(const Key& key, Plain plain) {
  if (plain.length > shardBytesMax_) return;
  auto& shard = shardOf(key);
  std::list<Entry> gone;  // freed behind the lock
  std::lock_guard lock(shard.mutex);
  if (shard.entries.contains(key)) return;  // two threads met over it
  shard.bytes += plain.length;
  shard.recent.push_front({key, std::move(plain)});
  shard.entries.emplace(key, shard.recent.begin());
  while (shard.bytes > shardBytesMax_) {
    const auto last = std::prev(shard.recent.end());
    shard.bytes -= last->plain.length;
    shard.entries.erase(last->key);
    gone.splice(gone.begin(), shard.recent, last);
  }
}

std::uint64_t DecodedFrames::bytes() const {
  std::uint64_t all = 0;
  for (const auto& shard : shards_) {
    std::lock_guard lock(shard.mutex);
    all += shard.bytes;
  }
  return all;
}

}  // namespace cairn::client
