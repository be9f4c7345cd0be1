// additionalNodes: datanodes to replace those that a pipeline has lost.
// Layer: ops.
#pragma once

#include <span>
#include <vector>

#include "namenode/ops/open_chunk.h"
#include "namenode/place/pipeline.h"

namespace cairn::nn {

struct AdditionalNodesRequest {
  InodeId file;
  ChunkVersion chunk;
  std::span<const NodeId> existing;  // go on in the pipeline
  std::span<const NodeId> excluded;
  std::uint32_t count = 1;
};

// Best first; at most `count` and as many as a pipeline may have (limits.h); none when no further
// datanode fits. Changes nothing. NOT_FOUND,
// LEASE_EXPIRED, INVALID_ARGUMENT (open_chunk.h), STALE.
Result<std::vector<NodeId>> additionalNodes(const MetaView& view, const Context& context,
                                            const AdditionalNodesRequest& request,
                                            std::span<const Candidate> nodes, const Dice& dice);

}  // namespace cairn::nn
