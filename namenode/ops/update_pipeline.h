// updatePipeline: puts the generation and the datanodes of a rebuilt pipeline on record.
// Layer: ops.
#pragma once

#include <span>

#include "namenode/ops/open_chunk.h"

namespace cairn::nn {

struct UpdatePipelineRequest {
  InodeId file;
  ChunkVersion chunk;          // as recorded so far
  GenerationStamp generation;  // promised by updateChunk
  std::uint64_t length = 0;    // plain bytes that each of the nodes has at least
  std::span<const NodeId> nodes;
};

// From now on copies of older generations are stale. Those that are known on datanodes outside the
// pipeline stay on record until the chunk is committed (they may be the last whole ones should the
// pipeline die before); what else is reported of them is ordered to be deleted.
// `length` counts in the file's length, as in HDFS. Nothing happens when it is on record already
// (a repeated call). NOT_FOUND, LEASE_EXPIRED, INVALID_ARGUMENT (open_chunk.h; nodes, lengths or
// generations that cannot be), STALE.
Result<Outcome> updatePipeline(Draft& draft, Context& context,
                               const UpdatePipelineRequest& request);

}  // namespace cairn::nn
