// Plain bytes of frames that were read lately, for positional reads: unpacking a frame of 128 KiB
// costs some hundred times what copying 4 KiB out of it does (cairn bench io --pread).
// Layer: client/core.  Threads: every call from any thread; shards with a lock each.
//
// Holds only what was checked against both of its checksums. The longest unused goes first.
#pragma once

#include <array>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "client/core/buffer_pool.h"
#include "common/base/bytes.h"

namespace cairn::client {

class DecodedFrames {
public:
  // One frame as one open replica has it: LocalReplica::id(), number in the chunk.
  struct Key {
    std::uint64_t replica;
    std::uint32_t frame;
    bool operator==(const Key&) const = default;
  };
  struct Plain {
    std::shared_ptr<Buffer> buffer;
    std::size_t length = 0;
    ByteView bytes() const { return {buffer->data(), length}; }
  };

  // Plain bytes kept, at most. 0: none.
  explicit DecodedFrames(std::uint64_t bytesMax) : shardBytesMax_(bytesMax / SHARDS) {}
  DecodedFrames(const DecodedFrames&) = delete;
  DecodedFrames& operator=(const DecodedFrames&) = delete;

  // An empty buffer when it is not there.
  Plain find(const Key& key);
  // Frames larger than a shard's part of the bound are not kept.
  void keep(const Key& key, Plain plain);
  // Plain bytes kept now.
  std::uint64_t bytes() const;

  static constexpr std::size_t SHARDS = 16;

private:
  struct Hash {
    std::size_t operator()(const Key& key) const;
  };
  struct Entry {
    Key key;
    Plain plain;
  };
  struct Shard {
    mutable std::mutex mutex;
    std::list<Entry> recent;  // the last used first
    std::unordered_map<Key, std::list<Entry>::iterator, Hash> entries;
    std::uint64_t bytes = 0;
  };
  Shard& shardOf(const Key& key) { return shards_[Hash{}(key) % SHARDS]; }

  const std::uint64_t shardBytesMax_;
  std::array<Shard, SHARDS> shards_;
};

}  // namespace cairn::client
