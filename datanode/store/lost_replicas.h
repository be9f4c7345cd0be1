// Replicas that were lost with a volume which failed: they are not "not here", for what their
// writers were told of may be on that volume still. Until they are forgotten nobody is to take
// this datanode for one that never had them.
// Layer: datanode/store (pure).  Threads: one.  Cost: O(log n) a call; about 150 bytes a replica.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>

#include "common/base/ids.h"
#include "datanode/store/lost_note.h"

namespace cairn::dn {

class LostReplicas {
public:
  // Chunks remembered at most; those that were lost first are forgotten first.
  static constexpr std::size_t CHUNKS_MAX = 65'536;

  struct Lost {
    GenerationStamp generation;
    Uuid volume;
  };

  // Of a chunk, the newest generation is remembered.
  void add(const ReplicaKey& key, const Uuid& volume);
  // The lost replica of this chunk, if it was of this generation or a newer one; valid until the
  // next change.
  const Lost* find(const ReplicaKey& key) const;
  // There is a newer one, or the same again, or nobody wants it any more. False when there was
  // nothing to forget.
  bool forget(const ReplicaKey& key);

  // All, each with its volume. O(n).
  LostNote all() const;

private:
  struct Entry {
    Lost lost;
    std::uint64_t order = 0;
  };
  std::map<ChunkId, Entry> byChunk_;
  std::map<std::uint64_t, ChunkId> inOrder_;
  std::uint64_t added_ = 0;
};

}  // namespace cairn::dn
