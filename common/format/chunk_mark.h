// What a chunk's id does to the checksums of its frames and of its trailer, so that another chunk's
// at the same place do not match (FORMAT.md §3).
// Layer: format (pure).  Threads: any.  Cost: a few ns.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "common/base/bytes.h"
#include "common/base/ids.h"
#include "common/format/crc32c.h"

namespace cairn::format {

// Is XORed with the checksum. Two ids have different marks for certain when they differ in no more
// than 32 bits next to each other, as any two of the first 2^36 ids of a cluster do.
inline std::uint32_t chunkMark(ChunkId chunk) {
  std::array<std::byte, sizeof chunk.value> id;
  storeLittle(id.data(), chunk.value);
  return crc32c(id);
}

}  // namespace cairn::format
