// The footer: a finished replica's frame index as it stands in the file, between the last frame and
// the trailer (FORMAT.md §4).
// Layer: format (pure).  Errors: decoding is safe for any bytes.
#pragma once

#include <cstddef>
#include <cstdint>

#include "common/base/bytes.h"
#include "common/base/ids.h"
#include "common/base/result.h"
#include "common/format/chunk_digest.h"
#include "common/format/frame_index.h"
#include "common/format/trailer.h"

namespace cairn::format {

// First bytes of a footer, as a little-endian number ("CIDX"). A frame starts with its stored
// length, which is never so large: so a reader of frames sees where they end.
inline constexpr std::uint32_t FOOTER_MAGIC = 0x58444943;

// Size of a footer for so many frames.
constexpr std::size_t footerBytes(std::uint32_t frameCount) {
  return 8 + std::size_t{8} * frameCount + 4;
}

// Whether a footer begins here, and no frame. REQUIRES: four bytes.
inline bool startsFooter(ByteView bytes) {
  return loadLittle<std::uint32_t>(bytes.data()) == FOOTER_MAGIC;
}

ByteVector encodeFooter(const FrameIndex& index);

// `bytes`: the file's bytes from trailer.framesEnd to its trailer; `frameSize`: its header's.
// CORRUPT unless they are an undamaged footer that agrees with the trailer.
[[nodiscard]] Result<FrameIndex> decodeFooter(ByteView bytes, const Trailer& trailer,
                                              std::uint32_t frameSize);

// The trailer that seals these frames. `md5`: ChunkDigest::md5() of the plain bytes.
Trailer sealingTrailer(const FrameIndex& index, std::uint32_t plainCrc, const Md5& md5);

// Footer and trailer: what is appended to the frames to seal the file.
ByteVector encodeTail(ChunkId chunk, const FrameIndex& index, std::uint32_t plainCrc,
                      const Md5& md5);

}  // namespace cairn::format
