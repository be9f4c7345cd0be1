#include "namenode/ops/additional_nodes.h"

#include <algorithm>

#include "common/base/limits.h"

namespace cairn::nn {

Result<std::vector<NodeId>> additionalNodes(const MetaView& view, const Context& context,
                                            const AdditionalNodesRequest& request,
                                            std::span<const Candidate> nodes, const Dice& dice) {
  ASSIGN(const auto open,
         requireOpenChunk(view, context.caller, request.file, request.chunk.chunk));
  TRY(requireGeneration(open.last, request.chunk.generation));
  const auto room = limits::PIPELINE_NODES_MAX -
                    std::min<std::size_t>(request.existing.size(), limits::PIPELINE_NODES_MAX);
  const auto count = std::min<std::size_t>(request.count, room);
  if (count == 0) return std::vector<NodeId>();
  auto chosen = choosePipeline(nodes,
                               {.replicas = static_cast<std::uint32_t>(count),
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
