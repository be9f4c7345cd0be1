// Which recoveries the datanode has promised to obey: once one has asked what is here, none with a
// lower new generation may change it, and no writer of a lower one may come in.
// Layer: datanode/store (pure).  Threads: one.
//
// Kept in memory only. What a promise guards is that the outcome of a later recovery stands: as
// soon as that has changed the replica, the generation in the file's name refuses the earlier one,
// for ever. Between its question and its change a restart forgets the promise, and the earlier
// recovery may make the replica final with a length of its own. That costs no byte that was
// acknowledged (both lengths lie behind those), the namenode refuses the earlier outcome, and the
// later recovery finds a final replica: it cuts it, or leaves it out as too short and counts it
// among the stale ones.
#pragma once

#include <cstddef>
#include <deque>
#include <map>

#include "common/base/ids.h"

namespace cairn::dn {

class RecoveryPromises {
public:
  // Chunks remembered at most; those promised first are forgotten first, as by a restart. 4 MiB.
  static constexpr std::size_t CHUNKS_MAX = 65'536;

  // The highest generation promised; 0: none.
  GenerationStamp of(ChunkId chunk) const {
    const auto at = promised_.find(chunk);
    return at == promised_.end() ? GenerationStamp() : at->second;
  }
  // REQUIRES: not lower than of(chunk).
  void promise(ChunkId chunk, GenerationStamp generation) {
    if (!promised_.insert_or_assign(chunk, generation).second) return;
    order_.push_back(chunk);
    if (order_.size() <= CHUNKS_MAX) return;
    promised_.erase(order_.front());
    order_.pop_front();
  }

private:
  std::map<ChunkId, GenerationStamp> promised_;
  std::deque<ChunkId> order_;
};

}  // namespace cairn::dn
