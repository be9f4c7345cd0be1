#include "common/format/footer.h"

#include <string>

#include "common/format/crc32c.h"
#include "common/format/frame.h"

namespace cairn::format {
namespace {

constexpr std::size_t COUNT_AT = 4;
constexpr std::size_t ENTRIES_AT = 8;
constexpr std::size_t ENTRY_BYTES = 8;  // plain length, then the frame's length in the file

std::unexpected<Status> disagrees() {
  return fail(Code::CORRUPT, "the chunk's footer does not agree with its trailer");
}

}  // namespace

ByteVector encodeFooter(const FrameIndex& index) {
  ByteVector bytes(footerBytes(index.frameCount()));
  storeLittle(bytes.data(), FOOTER_MAGIC);
  storeLittle(bytes.data() + COUNT_AT, index.frameCount());
  auto* entry = bytes.data() + ENTRIES_AT;
  for (std::uint32_t n = 0; n < index.frameCount(); ++n, entry += ENTRY_BYTES) {
    auto frame = index.frame(n);
    storeLittle(entry, static_cast<std::uint32_t>(frame.plainLength));
    storeLittle(entry + 4, static_cast<std::uint32_t>(frame.fileLength));
  }
  storeLittle(entry, crc32c(ByteView(bytes).first(bytes.size() - 4)));
  return bytes;
}

Result<FrameIndex> decodeFooter(ByteView bytes, const Trailer& trailer, std::uint32_t frameSize) {
  if (bytes.size() != footerBytes(trailer.frameCount)) return disagrees();
  const auto body = bytes.first(bytes.size() - 4);
  if (!startsFooter(bytes) ||
      loadLittle<std::uint32_t>(bytes.data() + body.size()) != crc32c(body)) {
    return fail(Code::CORRUPT, "the chunk's footer does not match its checksum");
  }
  if (loadLittle<std::uint32_t>(bytes.data() + COUNT_AT) != trailer.frameCount) return disagrees();
  FrameIndex index;
  for (auto entries = body.subspan(ENTRIES_AT); !entries.empty();
       entries = entries.subspan(ENTRY_BYTES)) {
    auto plainLength = loadLittle<std::uint32_t>(entries.data());
    auto frameBytes = loadLittle<std::uint32_t>(entries.data() + 4);
    if (plainLength == 0 || plainLength > frameSize || frameBytes <= FRAME_HEADER_BYTES ||
        frameBytes > encodedFrameMax(plainLength)) {
      return fail(Code::CORRUPT, "the chunk's footer holds a frame that cannot be: number " +
                                     std::to_string(index.frameCount()));
    }
    TRY(index.add(plainLength, frameBytes));
  }
  if (index.plainLength() != trailer.plainLength || index.framesEnd() != trailer.framesEnd) {
    return disagrees();
  }
  return index;
}

Trailer sealingTrailer(const FrameIndex& index, std::uint32_t plainCrc, const Md5& md5) {
  return {.plainLength = index.plainLength(),
          .framesEnd = index.framesEnd(),
          .fileLength = index.framesEnd() + footerBytes(index.frameCount()) + TRAILER_BYTES,
          .frameCount = index.frameCount(),
          .plainCrc = plainCrc,
          .md5 = md5};
}

ByteVector encodeTail(ChunkId chunk, const FrameIndex& index, std::uint32_t plainCrc,
                      const Md5& md5) {
  auto bytes = encodeFooter(index);
  auto trailer = encodeTrailer(sealingTrailer(index, plainCrc, md5), chunk);
  bytes.insert(bytes.end(), trailer.begin(), trailer.end());
  return bytes;
}

}  // namespace cairn::format
