// The first bytes of a replica's file: which chunk of which cluster it is, and how its frames are
// made (FORMAT.md §2).
// Layer: format (pure).  Errors: decoding is safe for any bytes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "common/base/bytes.h"
#include "common/base/ids.h"
#include "common/base/result.h"
#include "common/format/codec.h"

namespace cairn::format {

// The newest version of the whole file's format that this program reads, and the one it writes.
inline constexpr std::uint32_t CHUNK_VERSION = 1;

// The header's size; the first frame follows it.
inline constexpr std::size_t CHUNK_HEADER_BYTES = 64;

struct ChunkHeader {
  ClusterId cluster;
  ChunkId chunk;
  // What the writer aims for; each frame says for itself what it is.
  Codec codec = Codec::ZSTD;
  // Plain bytes of a frame at most: 1 to limits::FRAME_SIZE_MAX.
  std::uint32_t frameSize = 0;

  bool operator==(const ChunkHeader&) const = default;
};

std::array<std::byte, CHUNK_HEADER_BYTES> encodeChunkHeader(const ChunkHeader& header);

// `bytes`: the file's start, CHUNK_HEADER_BYTES or more.
// CORRUPT: too few bytes, not a chunk's file, damaged. UNSUPPORTED_VERSION: a newer program's.
// Whether it is the chunk that was looked for is the caller's to compare.
[[nodiscard]] Result<ChunkHeader> decodeChunkHeader(ByteView bytes);

}  // namespace cairn::format
