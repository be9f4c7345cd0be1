// The last bytes of a finished replica's file: its lengths and the checksums of the whole chunk
// (FORMAT.md §5). A file that ends in a valid trailer was sealed; any other was not.
// Layer: format (pure).  Errors: decoding is safe for any bytes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "common/base/bytes.h"
#include "common/base/ids.h"
#include "common/base/result.h"
#include "common/format/md5.h"

namespace cairn::format {

inline constexpr std::size_t TRAILER_BYTES = 64;

struct Trailer {
  std::uint64_t plainLength = 0;
  std::uint64_t framesEnd = 0;   // where the frames end and the footer begins
  std::uint64_t fileLength = 0;  // of the whole file
  std::uint32_t frameCount = 0;
  std::uint32_t plainCrc = 0;  // CRC32C of all plain bytes
  Md5 md5;                     // ChunkDigest::md5()

  bool operator==(const Trailer&) const = default;
};

std::array<std::byte, TRAILER_BYTES> encodeTrailer(const Trailer& trailer, ChunkId chunk);

// `bytes`: the file's last TRAILER_BYTES; `fileLength`: what the file's length is.
// CORRUPT unless they are a trailer, undamaged, of this chunk and of a file of that length.
// What it yields is fit for use: the footer lies at framesEnd and takes
// footerBytes(frameCount) bytes (footer.h).
[[nodiscard]] Result<Trailer> decodeTrailer(ByteView bytes, ChunkId chunk,
                                            std::uint64_t fileLength);

}  // namespace cairn::format
