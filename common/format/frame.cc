#include "common/format/frame.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <string>

#include "common/format/chunk_mark.h"
#include "common/format/crc32c.h"
#include "common/format/zstd_codec.h"

namespace cairn::format {
namespace {

constexpr std::size_t STORED_LENGTH_AT = 0;
constexpr std::size_t PLAIN_LENGTH_AT = 4;
constexpr std::size_t SEQUENCE_AT = 8;
constexpr std::size_t CODEC_AT = 12;
constexpr std::size_t RESERVED_AT = 13;
constexpr std::size_t PLAIN_CRC_AT = 16;
constexpr std::size_t STORED_CRC_AT = 20;

std::string name(const FrameHeader& header) { return "frame " + std::to_string(header.sequence); }

std::uint32_t headerCrc(ByteView frame) { return crc32c(frame.first(STORED_CRC_AT)); }

Status storedMismatch(const Frame& frame) {
  const auto& header = frame.header;
  // Of a raw frame it can be told whether its bytes are what somebody wrote.
  if (header.codec == Codec::RAW && crc32c(frame.payload()) == header.plainCrc) {
    return {Code::CORRUPT,
            name(header) + " is another chunk's, or its header is damaged: its bytes are whole"};
  }
  return {Code::CORRUPT, name(header) + " is damaged, or another chunk's: it does not match its " +
                             "stored checksum"};
}

Status plainMismatch(const FrameHeader& header) {
  return {Code::CORRUPT, name(header) + " does not match its checksum once unpacked"};
}

std::uint32_t crcOf(ByteView plain, PieceDigest* digest) {
  return digest != nullptr ? digest->add(plain) : crc32c(plain);
}

// Of a raw frame. The stored bytes are the header and the plain ones, so that one pass over these
// gives both sums.
Result<void> checkRaw(const Frame& frame, ChunkId chunk, ByteView plain, PieceDigest* digest) {
  const auto& header = frame.header;
  const auto crc = crcOf(plain, digest);
  const auto stored = crc32cCombine(headerCrc(frame.bytes), crc, plain.size());
  if ((stored ^ chunkMark(chunk)) != header.storedCrc) return fail(storedMismatch(frame));
  if (crc != header.plainCrc) return fail(plainMismatch(header));
  return {};
}

}  // namespace

Result<FrameHeader> decodeFrameHeader(ByteView bytes, std::uint32_t frameSize) {
  assert(bytes.size() >= FRAME_HEADER_BYTES);
  const auto* from = bytes.data();
  FrameHeader header{.storedLength = loadLittle<std::uint32_t>(from + STORED_LENGTH_AT),
                     .plainLength = loadLittle<std::uint32_t>(from + PLAIN_LENGTH_AT),
                     .sequence = loadLittle<std::uint32_t>(from + SEQUENCE_AT),
                     .codec = Codec::RAW,
                     .plainCrc = loadLittle<std::uint32_t>(from + PLAIN_CRC_AT),
                     .storedCrc = loadLittle<std::uint32_t>(from + STORED_CRC_AT)};
  auto codec = codecFromNumber(loadLittle<std::uint8_t>(from + CODEC_AT));
  auto reserved = bytes.subspan(RESERVED_AT, PLAIN_CRC_AT - RESERVED_AT);
  if (!codec || std::ranges::any_of(reserved, [](std::byte b) { return b != std::byte{0}; })) {
    return fail(Code::CORRUPT, "a frame's header is damaged");
  }
  header.codec = *codec;
  if (header.plainLength == 0 || header.plainLength > frameSize || header.storedLength == 0 ||
      header.storedLength > header.plainLength ||
      (header.codec == Codec::RAW && header.storedLength != header.plainLength)) {
    return fail(Code::CORRUPT,
                name(header) + "'s lengths cannot be: " + std::to_string(header.storedLength) +
                    " stored, " + std::to_string(header.plainLength) +
                    " plain bytes in a chunk with frames of " + std::to_string(frameSize));
  }
  return header;
}

bool mayStartFrame(ByteView bytes, std::uint32_t frameSize) {
  assert(bytes.size() >= FRAME_HEADER_BYTES);
  const auto* from = bytes.data();
  // The codec's number and the reserved bytes behind it.
  const auto codec = loadLittle<std::uint32_t>(from + CODEC_AT);
  if (codec > 0xff || !codecFromNumber(static_cast<std::uint8_t>(codec))) return false;
  const auto stored = loadLittle<std::uint32_t>(from + STORED_LENGTH_AT);
  const auto plain = loadLittle<std::uint32_t>(from + PLAIN_LENGTH_AT);
  return stored > 0 && stored <= plain && plain <= frameSize;
}

Result<Frame> frameAt(ByteView bytes, std::uint32_t frameSize) {
  if (bytes.size() < FRAME_HEADER_BYTES) {
    return fail(Code::CORRUPT, "a frame's header is cut off");
  }
  ASSIGN(auto header, decodeFrameHeader(bytes, frameSize));
  if (bytes.size() < header.frameBytes()) {
    return fail(Code::CORRUPT, name(header) + " is cut off");
  }
  return Frame{.header = header, .bytes = bytes.first(header.frameBytes())};
}

Result<void> checkStored(const Frame& frame, ChunkId chunk) {
  const auto stored = crc32c(frame.payload(), headerCrc(frame.bytes));
  if ((stored ^ chunkMark(chunk)) != frame.header.storedCrc) return fail(storedMismatch(frame));
  return {};
}

Result<void> checkRaw(const Frame& frame, ChunkId chunk, PieceDigest* digest) {
  assert(frame.header.codec == Codec::RAW);
  return checkRaw(frame, chunk, frame.payload(), digest);
}

Result<void> decodeFrame(const Frame& frame, ChunkId chunk, MutableBytes plain,
                         PieceDigest* digest) {
  const auto& header = frame.header;
  assert(plain.size() == header.plainLength);
  if (header.codec == Codec::RAW) {
    std::ranges::copy(frame.payload(), plain.begin());
    return checkRaw(frame, chunk, plain, digest);
  }
  // Before the payload is believed: damage must not reach the decompressor.
  TRY(checkStored(frame, chunk));
  if (!zstdDecompress(frame.payload(), plain)) {
    return fail(Code::CORRUPT, name(header) + " does not unpack to the length it says");
  }
  if (crcOf(plain, digest) != header.plainCrc) return fail(plainMismatch(header));
  return {};
}

void encodeFrameHeader(const FrameHeader& header, MutableBytes to) {
  assert(to.size() >= FRAME_HEADER_BYTES);
  std::fill_n(to.begin(), FRAME_HEADER_BYTES, std::byte{0});
  storeLittle(to.data() + STORED_LENGTH_AT, header.storedLength);
  storeLittle(to.data() + PLAIN_LENGTH_AT, header.plainLength);
  storeLittle(to.data() + SEQUENCE_AT, header.sequence);
  storeLittle(to.data() + CODEC_AT, static_cast<std::uint8_t>(header.codec));
  storeLittle(to.data() + PLAIN_CRC_AT, header.plainCrc);
  storeLittle(to.data() + STORED_CRC_AT, header.storedCrc);
}

ByteView encodeFrameAround(const FrameEncoding& encoding, ChunkId chunk, std::uint32_t sequence,
                           ByteView plain, MutableBytes to, PieceDigest& digest) {
  assert(!plain.empty() && plain.size() <= limits::FRAME_SIZE_MAX);
  assert(to.size() >= encodedFrameMax(plain.size()));
  FrameHeader header{.storedLength = static_cast<std::uint32_t>(plain.size()),
                     .plainLength = static_cast<std::uint32_t>(plain.size()),
                     .sequence = sequence,
                     .codec = Codec::RAW,
                     .plainCrc = digest.add(plain)};
  auto payload = to.subspan(FRAME_HEADER_BYTES);
  if (encoding.codec == Codec::ZSTD) {
    // No room for more than what is worth keeping.
    auto room = payload.first(plain.size() * 9 / 10);
    if (auto size = zstdCompress(plain, encoding.zstdLevel, room)) {
      header.codec = Codec::ZSTD;
      header.storedLength = static_cast<std::uint32_t>(*size);
    }
  }
  encodeFrameHeader(header, to);
  const auto stored = header.codec == Codec::RAW
                          ? crc32cCombine(headerCrc(to), header.plainCrc, plain.size())
                          : crc32c(payload.first(header.storedLength), headerCrc(to));
  storeLittle(to.data() + STORED_CRC_AT, stored ^ chunkMark(chunk));
  return header.codec == Codec::RAW ? plain : payload.first(header.storedLength);
}

std::size_t encodeFrame(const FrameEncoding& encoding, ChunkId chunk, std::uint32_t sequence,
                        ByteView plain, MutableBytes to, PieceDigest& digest) {
  const auto payload = encodeFrameAround(encoding, chunk, sequence, plain, to, digest);
  auto* const at = to.data() + FRAME_HEADER_BYTES;
  if (payload.data() != at) std::memcpy(at, payload.data(), payload.size());
  return FRAME_HEADER_BYTES + payload.size();
}

void rebindFrame(MutableBytes header, ChunkId from, ChunkId to) {
  auto* const at = header.data() + STORED_CRC_AT;
  storeLittle(at, loadLittle<std::uint32_t>(at) ^ chunkMark(from) ^ chunkMark(to));
}

}  // namespace cairn::format
