// What becomes of a chunk whose writer is gone, from what its nodes have of it.
// Layer: datanode/duty (pure).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "common/base/ids.h"
#include "common/base/result.h"
#include "datanode/store/replica_store.h"

namespace cairn::dn {

struct NodeReplica {
  NodeId node;
  FoundReplica found;
};

struct RecoveryPlan {
  std::uint64_t length = 0;   // plain bytes that the replicas are to have
  std::vector<NodeId> nodes;  // that can have them; none: no node has a byte of the chunk

  bool operator==(const RecoveryPlan&) const = default;
};

// What the namenode knows and wants.
struct RecoveryWant {
  GenerationStamp recorded;          // of the chunk; older replicas are from before its writing
  std::uint64_t least = 0;           // plain bytes that were closed or synced
  std::optional<std::uint64_t> cut;  // exactly so long, whatever there is
};

// All replicas of a chunk begin with the same bytes, and what was acknowledged is in every one that
// its writers had in hand; but a disk may have lost it since. So those with fewer than `least`
// bytes have no say and no part, finished or not: an earlier attempt may have finished one. Of the
// others the length is that of the finished ones, of the newest generation among those: nothing
// longer was ever promised. Without any it is the least that one of those has whose writer was at
// work in this life of its process: the longest that all of them have. Only where a restart has
// interrupted all of them those that were found afterwards decide, the same way. Replicas without a
// byte decide nothing, unless all are such, nor do those that are damaged in their middle: what
// such a one had behind its first bad frame the others have. When there is no other, the longest
// decides: more bytes are worth more than more copies then. Replicas that are longer are cut,
// shorter ones left out. Those older than recorded are asked in the same way, but only when no
// other has enough, and all nodes that may have one have answered. `silent`: those of them that did
// not. UNAVAILABLE when nobody has `least` bytes, or as many as `cut`; and when nobody has a byte,
// but silent nodes may.
Result<RecoveryPlan> planRecovery(std::span<const NodeReplica> replicas, const RecoveryWant& want,
                                  std::size_t silent);

}  // namespace cairn::dn
