// What replicas the datanode holds, in memory: found by chunk, by range of chunk ids, by volume,
// with the digest of each range kept as they come and go. Layer: datanode/store (pure).  Threads:
// one.  Cost: O(log n) a call unless it says otherwise; about 80 bytes a replica.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "common/base/inventory.h"
#include "datanode/store/replica_name.h"

namespace cairn::dn {

enum class ReplicaState : std::uint8_t {
  FINAL,    // sealed and durable
  RBW,      // unfinished; nobody writes it now, but somebody did in this life of the process
  WRITING,  // unfinished, a writer has it; or somebody changes it in this moment
  WAITING,  // unfinished, found at the start, looked into: counts up to its first bad frame
  FOUND,    // unfinished, found at the start, and not looked into yet: its lengths are not known
};

// Tells a replica from one that was under the same key before it, so that who has waited for the
// disk knows whether what it read is still what is here. Drawn by the table; in 32 bits a number
// comes again after four billion replicas, which nobody waits for.
enum class Incarnation : std::uint32_t {};

struct Replica {
  std::uint64_t length = 0;        // plain bytes
  std::uint64_t storedLength = 0;  // bytes of the file
  std::uint64_t visible = 0;       // unfinished: plain bytes of those that readers may see
  std::uint8_t volume = 0;         // index in the list of volumes
  ReplicaState state = ReplicaState::FINAL;
  bool damaged = false;  // unfinished: good frames follow behind the bad one where it counts up to
  Incarnation incarnation{};  // 0: it is in no table

  bool operator==(const Replica&) const = default;
};

class ReplicaTable {
public:
  // Adds, or changes what is there: that is the same replica in another state. One that takes the
  // place of another is put when that was removed. `replica.incarnation` does not matter.
  void put(const ReplicaKey& key, const Replica& replica);
  // What was there.
  std::optional<Replica> remove(const ReplicaKey& key);
  // Nothing, when there is none; valid until the next change.
  const Replica* find(const ReplicaKey& key) const;
  // The highest generation here; nullopt when no replica of the chunk is here.
  std::optional<GenerationStamp> newestOf(ChunkId chunk) const;

  // Ranges (inventory.h) that hold final replicas, with their digests, in order, from `first` on,
  // at most `limit`.
  std::vector<std::pair<std::uint64_t, InventoryDigest>> digests(std::uint64_t first,
                                                                 std::size_t limit) const;
  // All replicas of a range, of any state. O(those).
  std::vector<std::pair<ReplicaKey, Replica>> inRange(std::uint64_t range) const;
  // All replicas that are not final. O(n).
  std::vector<std::pair<ReplicaKey, Replica>> unfinished() const;
  // Calls `visit(key, replica)` for the replicas that follow `after`, of any volume and state, in
  // order, until it returns false. O(log n) and those visited.
  template <typename Visit>
  void visitAfter(const ReplicaKey& after, Visit visit) const {
    for (auto at = replicas_.upper_bound(after);
         at != replicas_.end() && visit(at->first, at->second); ++at) {
    }
  }
  // The highest chunk of which there is a replica.
  std::optional<ChunkId> lastChunk() const {
    if (replicas_.empty()) return std::nullopt;
    return replicas_.rbegin()->first.chunk;
  }
  // Takes out all replicas of a volume, and returns them. O(n).
  std::vector<std::pair<ReplicaKey, Replica>> dropVolume(std::uint8_t volume);

  struct Totals {
    std::uint64_t replicas = 0;
    std::uint64_t storedBytes = 0;
  };
  Totals totalsOf(std::uint8_t volume) const;
  std::size_t size() const { return replicas_.size(); }

private:
  void account(const ReplicaKey& key, const Replica& replica, bool added);

  std::map<ReplicaKey, Replica> replicas_;
  std::map<std::uint64_t, InventoryDigest> digests_;  // none of them empty
  std::map<std::uint8_t, Totals> totals_;
  std::uint32_t lastIncarnation_ = 0;
};

}  // namespace cairn::dn
