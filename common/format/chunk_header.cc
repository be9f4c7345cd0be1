#include "common/format/chunk_header.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "common/base/limits.h"
#include "common/format/crc32c.h"

namespace cairn::format {
namespace {

constexpr std::string_view MAGIC = "CairnChk";
constexpr std::size_t VERSION_AT = 8;
constexpr std::size_t FRAME_SIZE_AT = 12;
constexpr std::size_t CLUSTER_AT = 16;
constexpr std::size_t CHUNK_AT = 32;
constexpr std::size_t CODEC_AT = 40;
constexpr std::size_t RESERVED_AT = 41;
constexpr std::size_t CRC_AT = 60;

}  // namespace

std::array<std::byte, CHUNK_HEADER_BYTES> encodeChunkHeader(const ChunkHeader& header) {
  std::array<std::byte, CHUNK_HEADER_BYTES> bytes{};
  std::ranges::copy(asBytes(MAGIC), bytes.begin());
  storeLittle(bytes.data() + VERSION_AT, CHUNK_VERSION);
  storeLittle(bytes.data() + FRAME_SIZE_AT, header.frameSize);
  std::ranges::copy(std::as_bytes(std::span(header.cluster.bytes)), bytes.begin() + CLUSTER_AT);
  storeLittle(bytes.data() + CHUNK_AT, header.chunk.value);
  storeLittle(bytes.data() + CODEC_AT, static_cast<std::uint8_t>(header.codec));
  storeLittle(bytes.data() + CRC_AT, crc32c(ByteView(bytes).first(CRC_AT)));
  return bytes;
}

Result<ChunkHeader> decodeChunkHeader(ByteView bytes) {
  if (bytes.size() < CHUNK_HEADER_BYTES) {
    return fail(Code::CORRUPT,
                "a chunk's file of " + std::to_string(bytes.size()) + " bytes has no whole header");
  }
  if (asText(bytes.first(MAGIC.size())) != MAGIC) {
    return fail(Code::CORRUPT, "this is not a chunk's file: it does not start with \"CairnChk\"");
  }
  if (loadLittle<std::uint32_t>(bytes.data() + CRC_AT) != crc32c(bytes.first(CRC_AT))) {
    return fail(Code::CORRUPT, "the chunk's header does not match its checksum");
  }
  auto version = loadLittle<std::uint32_t>(bytes.data() + VERSION_AT);
  if (version > CHUNK_VERSION) {
    return fail(Code::UNSUPPORTED_VERSION,
                "the chunk's file has format version " + std::to_string(version) +
                    "; this program reads up to version " + std::to_string(CHUNK_VERSION) +
                    ": run the newer program that wrote it");
  }
  ChunkHeader header;
  header.frameSize = loadLittle<std::uint32_t>(bytes.data() + FRAME_SIZE_AT);
  std::ranges::copy(bytes.subspan(CLUSTER_AT, header.cluster.bytes.size()),
                    std::as_writable_bytes(std::span(header.cluster.bytes)).begin());
  header.chunk = ChunkId(loadLittle<std::uint64_t>(bytes.data() + CHUNK_AT));
  auto codec = codecFromNumber(std::to_integer<std::uint8_t>(bytes[CODEC_AT]));
  auto reserved = bytes.subspan(RESERVED_AT, CRC_AT - RESERVED_AT);
  if (version == 0 || header.frameSize == 0 || header.frameSize > limits::FRAME_SIZE_MAX ||
      !codec || std::ranges::any_of(reserved, [](std::byte b) { return b != std::byte{0}; })) {
    return fail(Code::CORRUPT, "the chunk's header holds values that no version of it has");
  }
  header.codec = *codec;
  return header;
}

}  // namespace cairn::format
