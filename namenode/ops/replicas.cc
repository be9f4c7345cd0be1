#include "namenode/ops/replicas.h"

#include <utility>

#include "common/base/inventory.h"
#include "namenode/meta/records.h"

namespace cairn::nn {
namespace {

// Takes `before` out of the digest of the chunk's range and puts `after` in; either may be null.
Result<void> changeDigest(Draft& draft, ChunkId chunk, NodeId node, const record::Replica* before,
                          const record::Replica* after) {
  const Key key = digestKey(node, inventoryRangeOf(chunk));
  ASSIGN(auto row, readRow<record::RangeDigest>(draft, Table::REPLICA, key));
  record::RangeDigest range = row.value_or(record::RangeDigest());
  InventoryDigest digest(range.count(), range.sum_high(), range.sum_low());
  if (before != nullptr) {
    digest.remove(chunk, GenerationStamp(before->generation()), before->length());
    range.set_plain_bytes(range.plain_bytes() - before->length());
  }
  if (after != nullptr) {
    digest.add(chunk, GenerationStamp(after->generation()), after->length());
    range.set_plain_bytes(range.plain_bytes() + after->length());
  }
  range.set_count(digest.count());
  range.set_sum_high(digest.sumHigh());
  range.set_sum_low(digest.sumLow());
  if (digest.count() == 0) {
    if (row.has_value()) draft.erase(Table::REPLICA, key);
  } else if (row.has_value()) {
    draft.update(Table::REPLICA, key, std::move(range));
  } else {
    draft.insert(Table::REPLICA, key, std::move(range));
  }
  return {};
}

}  // namespace

Result<void> setReplica(Draft& draft, ChunkId chunk, NodeId node, record::Replica replica) {
  ASSIGN(const auto before, findReplica(draft, chunk, node));
  const bool sameMember = before.has_value() && before->generation() == replica.generation() &&
                          before->length() == replica.length();
  if (!sameMember) {
    TRY(changeDigest(draft, chunk, node, before.has_value() ? &*before : nullptr, &replica));
  }
  if (before.has_value()) {
    draft.update(Table::REPLICA, replicaKey(chunk, node), std::move(replica));
  } else {
    draft.insert(Table::REPLICA, replicaKey(chunk, node), std::move(replica));
    draft.insertMark(Table::REPLICA, nodeReplicaKey(node, chunk));
  }
  return {};
}

Result<void> dropReplica(Draft& draft, ChunkId chunk, NodeId node, const record::Replica& before) {
  TRY(changeDigest(draft, chunk, node, &before, nullptr));
  draft.erase(Table::REPLICA, replicaKey(chunk, node));
  draft.erase(Table::REPLICA, nodeReplicaKey(node, chunk));
  return {};
}

Result<void> visitReplicas(const MetaView& view, ChunkId chunk,
                           const std::function<bool(KnownReplica)>& visit) {
  const auto cursor = view.scan(Table::REPLICA, replicaPrefix(chunk));
  for (; cursor->valid(); cursor->next()) {
    KnownReplica known{.node = nodeInReplicaKey(cursor->key()), .replica = {}};
    TRY(parseRow(Table::REPLICA, cursor->key(), cursor->value(), known.replica));
    if (!visit(std::move(known))) return {};
  }
  return cursor->status();
}

Result<std::vector<KnownReplica>> replicasOf(const MetaView& view, ChunkId chunk) {
  std::vector<KnownReplica> replicas;
  TRY(visitReplicas(view, chunk, [&](KnownReplica known) {
    replicas.push_back(std::move(known));
    return true;
  }));
  return replicas;
}

Result<std::vector<NodeId>> ReplicaScan::nodesOf(ChunkId chunk) {
  const Key prefix = replicaPrefix(chunk);
  if (cursor_ == nullptr) {
    cursor_ = view_.scanFrom(Table::REPLICA, REPLICAS_BY_CHUNK, prefix);
  } else {
    cursor_->seek(prefix);
  }
  std::vector<NodeId> nodes;
  for (; cursor_->valid() && cursor_->key().starts_with(prefix); cursor_->next()) {
    nodes.push_back(nodeInReplicaKey(cursor_->key()));
  }
  TRY(cursor_->status());
  return nodes;
}

Result<std::vector<KnownReplica>> olderCopiesOf(const MetaView& view, ChunkId id,
                                                const record::Chunk& chunk) {
  if (chunk.length() == 0 || chunk.base_generation() == 0) return std::vector<KnownReplica>();
  ASSIGN(auto copies, replicasOf(view, id));
  std::erase_if(copies, [&](const KnownReplica& copy) {
    const auto generation = copy.replica.generation();
    return generation < chunk.base_generation() || generation > chunk.generation() ||
           copy.replica.length() < chunk.length();
  });
  return copies;
}

Result<std::vector<NodeId>> wholeCopiesOf(const MetaView& view, ChunkId id,
                                          const record::Chunk& chunk) {
  ASSIGN(const auto known, replicasOf(view, id));
  std::vector<NodeId> nodes;
  for (const auto& [node, replica] : known) {
    if (replica.generation() == chunk.generation() && replica.length() == chunk.length()) {
      nodes.push_back(node);
    }
  }
  return nodes;
}

}  // namespace cairn::nn
