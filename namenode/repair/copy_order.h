// What a datanode is told that is to make a copy of a chunk.
// Layer: repair (pure).
#pragma once

#include <cstdint>
#include <vector>

#include "common/base/ids.h"

namespace cairn::nn {

struct CopyOrder {
  ChunkId chunk;
  GenerationStamp generation;
  std::uint64_t length = 0;     // plain bytes
  std::vector<NodeId> sources;  // in the order to try
};

}  // namespace cairn::nn
