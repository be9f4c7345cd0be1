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

// All replicas of a chunk begin with the same bytes, and what was acknowledged is in every one that
// its writers had in hand. So the length is that of the finished ones, of the newest generation
// among those: nothing longer was ever promised. Without any it is the least that one of those has
// whose writer was at work in this life of its process: the longest that all of them have. Only
// where a restart has interrupted all of them those that were found afterwards decide, the same
// way. Replicas without a byte decide nothing, unless all are such. `cut`: exactly so long,
// whatever there is. Replicas that are longer are cut, shorter ones left out. `silent`: nodes that
// did not answer. UNAVAILABLE when nobody has a byte, but silent nodes may, and when nobody has as
// many as `cut`.
Result<RecoveryPlan> planRecovery(std::span<const NodeReplica> replicas,
                                  std::optional<std::uint64_t> cut, std::size_t silent);

}  // namespace cairn::dn
