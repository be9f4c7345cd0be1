// The chunk that is being written to an open file, as a writer's calls name it.
// Layer: ops.
#pragma once

#include <cstdint>

#include "common/base/ids.h"
#include "common/base/result.h"
#include "namenode/ops/commit_chunk.h"
#include "namenode/ops/context.h"
#include "namenode/ops/open_file.h"

namespace cairn::nn {

// One version of a chunk.
struct ChunkVersion {
  ChunkId chunk;
  GenerationStamp generation;
};

struct OpenChunk {
  PlacedFile file;
  LastChunk last;
};

// The last chunk of a file that the caller has open, of whatever generation. NOT_FOUND (the file,
// or the chunk is not its last), LEASE_EXPIRED, INVALID_ARGUMENT (committed: nobody writes it).
Result<OpenChunk> requireOpenChunk(const MetaView& view, const Caller& caller, InodeId file,
                                   ChunkId chunk);

// At least `length` plain bytes of the chunk that is being written are there: counted in the file's
// length from now on. False when that was known. Both rows are the caller's to write.
bool raiseKnownLength(OpenChunk& open, std::uint64_t length);

}  // namespace cairn::nn
