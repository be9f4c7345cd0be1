#include "namenode/ops/additional_nodes.h"

#include <algorithm>

namespace cairn::nn {

Result<std::vector<NodeId>> additionalNodes(const MetaView& view, const Context& context,
                                            const AdditionalNodesRequest& request,
                                            std::span<const Candidate> nodes, const Dice& dice) {
  ASSIGN(const auto open,
         requireOpenChunk(view, context.caller, request.file, request.chunk.chunk));
  TRY(requireGeneration(open.last, request.chunk.generation));
  if (request.count == 0) return std::vector<NodeId>();
  auto chosen = choosePipeline(nodes,
                               {.replicas = std::min(request.count, limits::REPLICATION_MAX),
                                .localNode = {},
                                .machine = {},
                                .excluded = request.excluded,
                                .existing = request.existing,
                                .chunkBytes = open.file.entry.chunk_size()},
                               dice);
  // A pipeline goes on with what it has.
  if (!chosen.has_value() && chosen.error().code() == Code::PLACEMENT_FAILED) {
    return std::vector<NodeId>();
  }
  return chosen;
}

}  // namespace cairn::nn
