// What is known of a chunk's copies in this moment: the rows of table replica, and how their
// datanodes are. Layer: state.  Threads: the state loop.
#pragma once

#include <optional>
#include <vector>

#include "common/base/result.h"
#include "namenode/meta/meta_view.h"
#include "namenode/repair/plan_repair.h"
#include "namenode/state/state.h"

namespace cairn::nn {

struct ChunkCopies {
  record::Chunk chunk;
  unsigned wanted = 0;            // at least 1
  std::vector<ChunkCopy> copies;  // whole ones, in order of node; valid until the datanodes change
  // Datanodes that have any copy.
  std::vector<NodeId> holders;
};

// Nothing of a chunk that was removed, or is being written. `view` may be newer than what is
// durable. Four look-ups and a scan.
Result<std::optional<ChunkCopies>> copiesOf(const State& state, const MetaView& view,
                                            ChunkId chunk);

// Whether the surplus copy may be deleted: as many good ones as wanted stay, by what is durable and
// by what is newest. Looks at no more copies than it takes to find those.
Result<bool> isSpareCopy(const State& state, NodeId node, ChunkId chunk,
                         GenerationStamp generation);

}  // namespace cairn::nn
