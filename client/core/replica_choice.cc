#include "client/core/replica_choice.h"

#include <tuple>

namespace cairn::client {

const DatanodeAddress* chooseReplica(std::span<const DatanodeAddress> replicas,
                                     std::string_view machine, const ReplicaMarks& marks) {
  const DatanodeAddress* best = nullptr;
  std::tuple<bool, bool, bool> bestRank;
  for (const auto& replica : replicas) {
    if (marks.tried.contains(replica.node)) continue;
    std::tuple rank(marks.isBad(replica.node), marks.isSuspect(replica.node),
                    machine.empty() || replica.machine != machine);
    if (best == nullptr || rank < bestRank) {
      best = &replica;
      bestRank = rank;
    }
  }
  return best;
}

}  // namespace cairn::client
