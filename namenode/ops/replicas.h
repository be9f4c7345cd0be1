// Rows of table replica: each copy is written down under its chunk and under its datanode, and
// counted in the digest of the datanode's range.
// Layer: ops.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "common/base/ids.h"
#include "common/base/result.h"
#include "namenode/meta/draft.h"

namespace cairn::nn {

// One copy and where it is.
struct KnownReplica {
  NodeId node;
  record::Replica replica;
};

// Notes the copy, in place of what was known of this chunk on this node.
Result<void> setReplica(Draft& draft, ChunkId chunk, NodeId node, record::Replica replica);
// Forgets it. `before`: its row, as the draft has it.
Result<void> dropReplica(Draft& draft, ChunkId chunk, NodeId node, const record::Replica& before);
// Calls `visit` for the copies of a chunk, in order of node, until it returns false.
Result<void> visitReplicas(const MetaView& view, ChunkId chunk,
                           const std::function<bool(KnownReplica)>& visit);
// All copies of a chunk, in order of node.
Result<std::vector<KnownReplica>> replicasOf(const MetaView& view, ChunkId chunk);
// The datanodes of many chunks, with one cursor: making one costs more than moving it. The view
// outlives it.
class ReplicaScan {
public:
  explicit ReplicaScan(const MetaView& view) : view_(view) {}
  // In order of node. Cheap when the chunks come in order.
  Result<std::vector<NodeId>> nodesOf(ChunkId chunk);

private:
  const MetaView& view_;
  std::unique_ptr<Cursor> cursor_;  // null until it is needed
};
// Finished copies of a chunk that is being written or recovered, which have all bytes that are
// known to have been there: of the generation that it had when it was opened for writing last, up
// to the one on record. One from before that may have other bytes: the file may have been cut
// since. None of a chunk without known bytes.
Result<std::vector<KnownReplica>> olderCopiesOf(const MetaView& view, ChunkId id,
                                                const record::Chunk& chunk);
// Where it is whole as it is on record: of `chunk`'s generation and length. In order of node.
Result<std::vector<NodeId>> wholeCopiesOf(const MetaView& view, ChunkId id,
                                          const record::Chunk& chunk);

}  // namespace cairn::nn
