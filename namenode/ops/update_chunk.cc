#include "namenode/ops/update_chunk.h"

namespace cairn::nn {

Result<GenerationStamp> updateChunk(const MetaView& view, Context& context, InodeId file,
                                    const ChunkVersion& chunk) {
  ASSIGN(const auto open, requireOpenChunk(view, context.caller, file, chunk.chunk));
  TRY(requireGeneration(open.last, chunk.generation));
  return context.ids.nextGeneration();
}

}  // namespace cairn::nn
