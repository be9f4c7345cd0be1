// updateChunk: promises a new generation stamp for the chunk that is being written.
// Layer: ops.
#pragma once

#include "namenode/ops/open_chunk.h"

namespace cairn::nn {

// Changes no row: the pipeline is built with the new generation first and then put on record by
// updatePipeline. Until then copies of promised generations may exist; should the writer die, chunk
// recovery finds them (recover_chunk.h). A promise is kept whatever happens: generations only grow.
// The caller sees to it that the allocator's reservation is durable before it answers.
// NOT_FOUND, LEASE_EXPIRED, INVALID_ARGUMENT (open_chunk.h), STALE (`chunk` is not as recorded).
Result<GenerationStamp> updateChunk(const MetaView& view, Context& context, InodeId file,
                                    const ChunkVersion& chunk);

}  // namespace cairn::nn
