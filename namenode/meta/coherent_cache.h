// A cache of what look-ups in the database found, that never tells what is not so any more.
// Layer: meta.  Threads: any; one change at a time.  Cost: a hit is a lock without contention and a
// hash look-up.
//
// Coherence. Whoever changes the database brackets the write: beginChange, forget each key that
// changes, write, endChange. From beginChange to endChange nothing is remembered, and version() is
// odd; afterwards it is another one. So a reader that saw the same even version before and after
// several look-ups has seen all of it as it was at one moment; otherwise it repeats them without
// the cache (Store::readEntry). One look-up needs no such care: what is found has not changed, or
// its change has not begun.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace cairn::nn {

template <typename Value>
class CoherentCache {
public:
  // Keeps at most about `entriesMax`, the ones used last.
  explicit CoherentCache(std::size_t entriesMax)
      : shardEntriesMax_(std::max<std::size_t>(entriesMax / SHARDS, 1)) {}

  std::uint64_t version() const { return version_.load(std::memory_order_acquire); }
  static bool changing(std::uint64_t version) { return version % 2 != 0; }

  // False when it is not known, and `value` is as before.
  bool find(std::string_view key, Value& value);
  // Remembers what was read from the database. Ignored unless `version`, taken before that read,
  // still holds.
  void insert(std::string_view key, const Value& value, std::uint64_t version);

  void beginChange() { version_.fetch_add(1, std::memory_order_acq_rel); }
  void forget(std::string_view key);
  void endChange() { version_.fetch_add(1, std::memory_order_acq_rel); }

  std::size_t entries() const;

private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view key) const {
      return std::hash<std::string_view>()(key);
    }
  };
  struct Entry {
    std::string key;
    Value value;
  };
  struct Shard {
    mutable std::mutex mutex;
    std::list<Entry> byUse;  // used last: in front
    std::unordered_map<std::string_view, typename std::list<Entry>::iterator, Hash, std::equal_to<>>
        byKey;
  };
  static constexpr std::size_t SHARDS = 16;  // more than threads that read at once, about

  Shard& shardOf(std::string_view key) { return shards_[Hash()(key) / 7 % SHARDS]; }

  const std::size_t shardEntriesMax_;
  std::atomic<std::uint64_t> version_{0};
  std::array<Shard, SHARDS> shards_;
};

template <typename Value>
bool CoherentCache<Value>::find(std::string_view key, Value& value) {
  Shard& shard = shardOf(key);
  const std::lock_guard lock(shard.mutex);
  const auto it = shard.byKey.find(key);
  if (it == shard.byKey.end()) return false;
  if (it->second != shard.byUse.begin()) {
    shard.byUse.splice(shard.byUse.begin(), shard.byUse, it->second);
  }
  value = it->second->value;
  return true;
}

template <typename Value>
void CoherentCache<Value>::insert(std::string_view key, const Value& value, std::uint64_t version) {
  Shard& shard = shardOf(key);
  const std::lock_guard lock(shard.mutex);
  // Under the lock: a change that begins after this test will find and forget the entry.
  if (changing(version) || version_.load(std::memory_order_acquire) != version) return;
  if (shard.byKey.contains(key)) return;
  if (shard.byUse.size() >= shardEntriesMax_) {
    shard.byKey.erase(shard.byUse.back().key);
    shard.byUse.pop_back();
  }
  shard.byUse.push_front({std::string(key), value});
  shard.byKey.emplace(shard.byUse.front().key, shard.byUse.begin());
}

template <typename Value>
void CoherentCache<Value>::forget(std::string_view key) {
  Shard& shard = shardOf(key);
  const std::lock_guard lock(shard.mutex);
  const auto it = shard.byKey.find(key);
  if (it == shard.byKey.end()) return;
  const auto entry = it->second;
  shard.byKey.erase(it);
  shard.byUse.erase(entry);
}

template <typename Value>
std::size_t CoherentCache<Value>::entries() const {
  std::size_t n = 0;
  for (const auto& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    n += shard.byUse.size();
  }
  return n;
}

}  // namespace cairn::nn
