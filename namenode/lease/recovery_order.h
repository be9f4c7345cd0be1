// What the primary of a chunk's recovery is told (ops/recover_chunk.h).
// Layer: lease (pure).
#pragma once

#include <cstdint>
#include <vector>

#include "common/base/ids.h"

namespace cairn::nn {

struct RecoveryOrder {
  ChunkId chunk;
  GenerationStamp generation;  // as recorded
  GenerationStamp newGeneration;
  std::vector<NodeId> nodes;  // to be asked, the primary included
  bool cut = false;           // to `length` plain bytes
  std::uint64_t length = 0;
  std::uint64_t least = 0;    // plain bytes that are known to have been there
  std::vector<NodeId> older;  // to be asked for a copy from before the chunk was opened for writing
  GenerationStamp oldest;     // of these copies
  bool withoutLost = false;   // replicas lost with a volume count as none
};

}  // namespace cairn::nn
