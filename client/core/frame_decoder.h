// Turns stored frames back into plain bytes, with both checksums checked.
// Layer: client/core (pure).  Cost: about 1 ms a MiB of text.
#pragma once

#include <cstdint>

#include "common/base/bytes.h"
#include "common/base/ids.h"
#include "common/base/result.h"

namespace cairn::client {

// Consecutive frames of one chunk, as stored.
struct FrameRun {
  ChunkId chunk;
  ByteView frames;
  std::uint64_t offset = 0;  // of their first plain byte in the chunk
  std::uint64_t plainLength = 0;
};

// Decodes the part of the run that covers the chunk's bytes from `offset` on into `to`; returns how
// many bytes were filled, at most to.size(). Frames that are not wanted are skipped unread.
// CORRUPT for any frame used that is not what it says or another chunk's, for a run that is shorter
// or longer than plainLength, or that does not hold `offset`. `to` may be written to in part then.
Result<std::size_t> decodeRange(const FrameRun& run, std::uint64_t offset, MutableBytes to);

}  // namespace cairn::client
