#include "namenode/ops/recover_chunk.h"

#include <algorithm>

#include "namenode/meta/records.h"
#include "namenode/ops/lease_rows.h"
#include "namenode/ops/replicas.h"

namespace cairn::nn {

Result<std::optional<RecoveryTarget>> findRecovery(const MetaView& view, InodeId inode) {
  ASSIGN(auto file, findReachableFile(view, inode));
  if (!file.has_value() || !file->entry.under_construction() || file->entry.chunk_count() == 0) {
    return std::nullopt;
  }
  ASSIGN(const auto lease, findLease(view, inode));
  if (!lease.has_value() || !isNamenodes(*lease)) return std::nullopt;
  ASSIGN(auto last, lastChunkOf(view, *file));
  if (last.chunk.state() == record::CHUNK_COMMITTED) return std::nullopt;
  RecoveryTarget target{std::move(*file), std::move(last), {}, {}};
  for (const auto node : target.last.chunk.pipeline()) target.nodes.emplace_back(node);
  ASSIGN(const auto known, replicasOf(view, target.last.id));
  for (const auto& [node, replica] : known) {
    if (replica.generation() < target.last.chunk.generation()) continue;
    if (std::ranges::find(target.nodes, node) == target.nodes.end()) target.nodes.push_back(node);
  }
  const auto addOlder = [&](NodeId node) {
    if (std::ranges::find(target.nodes, node) != target.nodes.end()) return;
    if (std::ranges::find(target.older, node) == target.older.end()) target.older.push_back(node);
  };
  for (const auto node : target.last.chunk.older()) addOlder(NodeId(node));
  ASSIGN(const auto copies, olderCopiesOf(view, target.last.id, target.last.chunk));
  for (const auto& copy : copies) addOlder(copy.node);
  return target;
}

bool takesPart(const record::Chunk& chunk, NodeId node) {
  return isInPipeline(chunk, node) ||
         std::ranges::find(chunk.older(), node.value) != chunk.older().end();
}

RecoveryOrder beginRecovery(Draft& draft, IdAllocator& ids, RecoveryTarget target,
                            std::vector<NodeId> nodes, std::vector<NodeId> older) {
  record::Chunk& chunk = target.last.chunk;
  RecoveryOrder order{.chunk = target.last.id,
                      .generation = GenerationStamp(chunk.generation()),
                      .newGeneration = ids.nextGeneration(),
                      .nodes = std::move(nodes),
                      .cut = chunk.cut(),
                      .length = chunk.cut_length(),
                      .least = chunk.length(),
                      .older = std::move(older),
                      .oldest = GenerationStamp(chunk.base_generation())};
  chunk.set_recovery_generation(order.newGeneration.value);
  // All of them, not only those that are asked now: what one of them has may be needed by the next
  // attempt, and copies on record are forgotten when their generation changes.
  chunk.clear_pipeline();
  for (const NodeId node : target.nodes) chunk.add_pipeline(node.value);
  // Beside the pipeline, where a copy of an older generation would be ordered away.
  if (!order.older.empty()) {
    chunk.clear_older();
    for (const NodeId node : target.older) chunk.add_older(node.value);
  }
  draft.update(Table::CHUNK, chunkKey(target.last.id), std::move(chunk));
  return order;
}

}  // namespace cairn::nn
