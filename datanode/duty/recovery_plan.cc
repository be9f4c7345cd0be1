#include "datanode/duty/recovery_plan.h"

#include <algorithm>
#include <string>

namespace cairn::dn {
namespace {

using State = FoundReplica::State;

std::optional<std::uint64_t> lengthOfFinals(std::span<const NodeReplica> replicas) {
  std::optional<std::uint64_t> length;
  GenerationStamp newest;
  for (const auto& [node, found] : replicas) {
    if (found.state != State::FINAL || found.generation < newest) continue;
    // Finished ones of one generation are equally long; were they not, the shortest is safe.
    if (found.generation > newest || !length) length = found.length;
    length = std::min(*length, found.length);
    newest = found.generation;
  }
  return length;
}

std::optional<std::uint64_t> leastOf(std::span<const NodeReplica> replicas, State state) {
  std::optional<std::uint64_t> least;
  for (const auto& [node, found] : replicas) {
    if (found.state != state || found.length == 0 || found.damaged) continue;
    least = std::min(least.value_or(found.length), found.length);
  }
  return least;
}

std::uint64_t longestOf(std::span<const NodeReplica> replicas) {
  std::uint64_t longest = 0;
  for (const auto& [node, found] : replicas) longest = std::max(longest, found.length);
  return longest;
}

std::uint64_t lengthOf(std::span<const NodeReplica> replicas) {
  if (const auto length = lengthOfFinals(replicas)) return *length;
  if (const auto length = leastOf(replicas, State::WRITING)) return *length;
  if (const auto length = leastOf(replicas, State::WAITING)) return *length;
  return longestOf(replicas);
}

// Of replicas that have enough, all of the present writing or all older.
RecoveryPlan planFor(std::span<const NodeReplica> replicas, std::optional<std::uint64_t> cut) {
  RecoveryPlan plan{.length = cut.value_or(lengthOf(replicas)), .nodes = {}};
  if (plan.length == 0) return plan;
  for (const auto& [node, found] : replicas) {
    if (found.length >= plan.length) plan.nodes.push_back(node);
  }
  return plan;
}

}  // namespace

Result<RecoveryPlan> planRecovery(std::span<const NodeReplica> replicas, const RecoveryWant& want,
                                  std::size_t silent) {
  const auto least = want.cut.value_or(want.least);
  std::vector<NodeReplica> present;
  std::vector<NodeReplica> older;
  for (const auto& replica : replicas) {
    if (replica.found.length < least) continue;
    (replica.found.generation < want.recorded ? older : present).push_back(replica);
  }
  auto plan = planFor(present, want.cut);
  // A node that is silent may have what was written since.
  if (plan.nodes.empty() && silent == 0 && least > 0) plan = planFor(older, want.cut);
  if (plan.nodes.empty() && (silent > 0 || least > 0)) {
    return fail(Code::UNAVAILABLE,
                std::to_string(silent) + " nodes did not answer, and none of the others has " +
                    (least > 0 ? std::to_string(least) + " bytes" : "a byte") + " of the chunk");
  }
  return plan;
}

}  // namespace cairn::dn
