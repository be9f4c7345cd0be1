// chunkOwner: the file that has a chunk.
// Layer: ops.
#pragma once

#include <cstdint>
#include <string>

#include "namenode/ops/context.h"

namespace cairn::nn {

struct ChunkOwner {
  std::string path;
  std::uint64_t offset = 0;  // of the chunk's first plain byte
};

// By the chunk's id. NOT_FOUND: no file that can be reached from the root has it. LIMIT_EXCEEDED:
// the file stands under a path that no call may name (docs/decisions/0010). PERMISSION_DENIED: as
// of stat() on the path. O(depth).
Result<ChunkOwner> chunkOwner(const MetaView& view, const Caller& caller, ChunkId chunk);

}  // namespace cairn::nn
