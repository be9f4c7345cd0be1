#include "namenode/ops/forget_datanode.h"

#include "namenode/meta/records.h"
#include "namenode/ops/replicas.h"

namespace cairn::nn {

Result<Outcome> forgetDatanode(Draft& draft, NodeId node, std::size_t rowsMax) {
  Outcome outcome;
  std::vector<ChunkId> chunks;
  const auto cursor = draft.scan(Table::REPLICA, nodeReplicaPrefix(node));
  for (; cursor->valid() && chunks.size() < rowsMax; cursor->next()) {
    chunks.push_back(chunkInNodeReplicaKey(cursor->key()));
  }
  TRY(cursor->status());
  outcome.answer.set_flag(cursor->valid());
  for (const ChunkId chunk : chunks) {
    ASSIGN(const auto known, findReplica(draft, chunk, node));
    if (!known.has_value()) {
      return fail(damagedRow(Table::REPLICA, nodeReplicaKey(node, chunk)));
    }
    TRY(dropReplica(draft, chunk, node, *known));
  }
  if (outcome.answer.flag()) return outcome;
  const Key key = datanodeKey(node);
  ASSIGN(const auto row, readRow<record::Datanode>(draft, Table::SYS, key));
  if (row.has_value()) draft.erase(Table::SYS, key);
  return outcome;
}

}  // namespace cairn::nn
