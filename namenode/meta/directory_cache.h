// What path look-ups know of directories, in memory: id and rights of a directory by parent and
// name. Only directories: they are few (13 % of the entries on a sample, storage.md N8) and on
// every path; files are read with one look-up of their own.
// Layer: meta.  Threads: any.  Cost: a hit is a lock without contention and a hash look-up.
//
// Coherence. Whoever changes directories in the database brackets the write with beginChange and
// endChange, so that version() is odd while the change becomes visible and another one afterwards.
// A reader that saw the same even version before and after its look-ups has seen directories as
// they all were at one moment; otherwise it repeats them without the cache (Store::read).
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "namenode/meta/meta_view.h"

namespace cairn::nn {

class DirectoryCache {
public:
  // Keeps at most about `entriesMax`, the ones used last.
  explicit DirectoryCache(std::size_t entriesMax);

  std::uint64_t version() const { return version_.load(std::memory_order_acquire); }
  static bool changing(std::uint64_t version) { return version % 2 != 0; }

  // Null when it is not known. `direntKey`: keys.h.
  std::shared_ptr<const PathNode> find(std::string_view direntKey);
  // Remembers what was read from the database. Ignored unless `version`, taken before that read,
  // still holds.
  void insert(std::string_view direntKey, std::shared_ptr<const PathNode> node,
              std::uint64_t version);

  // Forgets these; from here to endChange nothing is remembered. One change at a time.
  void beginChange(std::span<const std::string> direntKeys);
  void endChange();

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
    std::shared_ptr<const PathNode> node;
  };
  struct Shard {
    mutable std::mutex mutex;
    std::list<Entry> byUse;  // used last: in front
    std::unordered_map<std::string_view, std::list<Entry>::iterator, Hash, std::equal_to<>> byKey;
  };
  static constexpr std::size_t SHARDS = 16;  // more than threads that read at once, about

  Shard& shardOf(std::string_view key) { return shards_[Hash()(key) / 7 % SHARDS]; }

  const std::size_t shardEntriesMax_;
  std::atomic<std::uint64_t> version_{0};
  std::array<Shard, SHARDS> shards_;
};

}  // namespace cairn::nn
