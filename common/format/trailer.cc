#include "common/format/trailer.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "common/base/limits.h"
#include "common/format/chunk_header.h"
#include "common/format/chunk_mark.h"
#include "common/format/crc32c.h"
#include "common/format/footer.h"
#include "common/format/frame.h"

namespace cairn::format {
namespace {

constexpr std::string_view MAGIC = "CairnEnd";
constexpr std::size_t PLAIN_LENGTH_AT = 0;
constexpr std::size_t FRAMES_END_AT = 8;
constexpr std::size_t FILE_LENGTH_AT = 16;
constexpr std::size_t FRAME_COUNT_AT = 24;
constexpr std::size_t PLAIN_CRC_AT = 28;
constexpr std::size_t MD5_AT = 32;
constexpr std::size_t RESERVED_AT = 48;
constexpr std::size_t CRC_AT = 52;
constexpr std::size_t MAGIC_AT = 56;

bool isPossible(const Trailer& trailer) {
  const std::uint64_t frames = trailer.frameCount;
  if (frames > FRAMES_PER_CHUNK_MAX) return false;
  // Each frame holds at least a byte and is at most encodedFrameMax() of what it holds.
  if (trailer.plainLength < frames || trailer.plainLength > frames * limits::FRAME_SIZE_MAX) {
    return false;
  }
  const auto least = CHUNK_HEADER_BYTES + frames * encodedFrameMax(1);
  const auto most = CHUNK_HEADER_BYTES + frames * FRAME_HEADER_BYTES + trailer.plainLength;
  return trailer.framesEnd >= least && trailer.framesEnd <= most &&
         trailer.fileLength == trailer.framesEnd + footerBytes(trailer.frameCount) + TRAILER_BYTES;
}

}  // namespace

std::array<std::byte, TRAILER_BYTES> encodeTrailer(const Trailer& trailer, ChunkId chunk) {
  std::array<std::byte, TRAILER_BYTES> bytes{};
  storeLittle(bytes.data() + PLAIN_LENGTH_AT, trailer.plainLength);
  storeLittle(bytes.data() + FRAMES_END_AT, trailer.framesEnd);
  storeLittle(bytes.data() + FILE_LENGTH_AT, trailer.fileLength);
  storeLittle(bytes.data() + FRAME_COUNT_AT, trailer.frameCount);
  storeLittle(bytes.data() + PLAIN_CRC_AT, trailer.plainCrc);
  std::ranges::copy(trailer.md5.bytes, bytes.begin() + MD5_AT);
  storeLittle(bytes.data() + CRC_AT, crc32c(ByteView(bytes).first(CRC_AT)) ^ chunkMark(chunk));
  std::ranges::copy(asBytes(MAGIC), bytes.begin() + MAGIC_AT);
  return bytes;
}

Result<Trailer> decodeTrailer(ByteView bytes, ChunkId chunk, std::uint64_t fileLength) {
  if (bytes.size() != TRAILER_BYTES || asText(bytes.subspan(MAGIC_AT)) != MAGIC) {
    return fail(Code::CORRUPT,
                "the chunk's file has no trailer: it was not finished, or is cut off");
  }
  const auto crc = crc32c(bytes.first(CRC_AT)) ^ chunkMark(chunk);
  if (loadLittle<std::uint32_t>(bytes.data() + CRC_AT) != crc) {
    return fail(
        Code::CORRUPT,
        "the chunk's trailer is damaged, or another chunk's: it does not match its checksum");
  }
  Trailer trailer{.plainLength = loadLittle<std::uint64_t>(bytes.data() + PLAIN_LENGTH_AT),
                  .framesEnd = loadLittle<std::uint64_t>(bytes.data() + FRAMES_END_AT),
                  .fileLength = loadLittle<std::uint64_t>(bytes.data() + FILE_LENGTH_AT),
                  .frameCount = loadLittle<std::uint32_t>(bytes.data() + FRAME_COUNT_AT),
                  .plainCrc = loadLittle<std::uint32_t>(bytes.data() + PLAIN_CRC_AT),
                  .md5 = {}};
  std::copy_n(bytes.begin() + MD5_AT, Md5::BYTES, trailer.md5.bytes.begin());
  if (trailer.fileLength != fileLength) {
    return fail(Code::CORRUPT, "the chunk's file has " + std::to_string(fileLength) +
                                   " bytes, its trailer says " +
                                   std::to_string(trailer.fileLength));
  }
  if (loadLittle<std::uint32_t>(bytes.data() + RESERVED_AT) != 0 || !isPossible(trailer)) {
    return fail(Code::CORRUPT, "the chunk's trailer holds values that cannot be");
  }
  return trailer;
}

}  // namespace cairn::format
