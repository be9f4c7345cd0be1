// addChunk: commits a file's last chunk and allocates the next, with datanodes to write it to.
// Layer: ops.
#pragma once

#include <span>

#include "namenode/ops/commit_chunk.h"
#include "namenode/ops/context.h"
#include "namenode/place/pipeline.h"

namespace cairn::nn {

struct AddChunkRequest {
  InodeId file;
  ChunkCommit previous;
  std::span<const NodeId> excluded;
  NodeId localNode;
  std::string_view machine;
};

// answer.allocation. NOT_FOUND, LEASE_EXPIRED (open_file.h); errors of commitLastChunk;
// LIMIT_EXCEEDED (chunks of the file); PLACEMENT_FAILED (then the previous chunk is not committed
// either), with a retry hint also while datanodes come back after a start of the namenode and fewer
// than wanted have.
Result<Outcome> addChunk(Draft& draft, Context& context, const AddChunkRequest& request,
                         std::span<const Candidate> nodes, const Dice& dice);

}  // namespace cairn::nn
