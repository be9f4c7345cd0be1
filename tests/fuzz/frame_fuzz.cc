// Frames from a peer or a disk: whatever the bytes, decoding ends in an error or in exactly the
// plain bytes that the checksums name; and whatever the plain bytes, encoding and decoding gives
// them back.
//
// First byte: bit 0 repairs the stored checksum (so that bytes reach the decompressor that only a
// hostile writer can send), bit 1 the plain checksum as well; the rest picks the encoding.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "common/format/chunk_mark.h"
#include "common/format/crc32c.h"
#include "common/format/frame.h"

namespace cairn::format {
namespace {

constexpr ChunkId CHUNK{16};

void require(bool condition) {
  if (!condition) std::abort();
}

void repairStored(ByteVector& bytes) {
  if (auto frame = frameAt(bytes)) {
    auto crc = crc32c(ByteView(bytes).first(20));
    storeLittle(bytes.data() + 20, crc32c(frame->payload(), crc) ^ chunkMark(CHUNK));
  }
}

void decodeAny(unsigned mode, ByteView input) {
  ByteVector bytes(input.begin(), input.end());
  if ((mode & 1) != 0) repairStored(bytes);
  auto frame = frameAt(bytes);
  if (!frame.has_value()) return;
  require(frame->bytes.size() <= bytes.size());
  require(frame->header.plainLength <= limits::FRAME_SIZE_MAX);
  ByteVector plain(frame->header.plainLength);
  auto decoded = decodeFrame(*frame, CHUNK, plain);
  if (!decoded.has_value() && (mode & 3) == 3) {
    storeLittle(bytes.data() + 16, crc32c(plain));
    repairStored(bytes);
    frame = frameAt(bytes);
    decoded = decodeFrame(*frame, CHUNK, plain);
  }
  if (!decoded.has_value()) return;
  require(crc32c(plain) == frame->header.plainCrc);
  PieceDigest digest(mode);
  require(decodeFrame(*frame, CHUNK, plain, &digest).has_value());
  require(digest.plainCrc() == frame->header.plainCrc);
  // The header is canonical: writing what was read gives the same bytes.
  ByteVector header(FRAME_HEADER_BYTES);
  encodeFrameHeader(frame->header, header);
  require(std::ranges::equal(header, frame->bytes.first(FRAME_HEADER_BYTES)));
}

void roundTrip(unsigned mode, ByteView plain) {
  if (plain.empty() || plain.size() > limits::FRAME_SIZE_MAX) return;
  ByteVector bytes(encodedFrameMax(plain.size()));
  PieceDigest digest(mode);
  FrameEncoding encoding{.codec = (mode & 4) != 0 ? Codec::ZSTD : Codec::RAW,
                         .zstdLevel = static_cast<int>(mode >> 3) % 8 - 2};
  bytes.resize(encodeFrame(encoding, CHUNK, mode, plain, bytes, digest));
  auto frame = frameAt(bytes);
  require(frame.has_value() && frame->header.plainLength == plain.size());
  require(frame->header.sequence == mode && frame->bytes.size() == bytes.size());
  ByteVector back(plain.size());
  require(decodeFrame(*frame, CHUNK, back).has_value());
  require(std::ranges::equal(back, plain));
  const ChunkId other(CHUNK.value + 16 * (1 + std::uint64_t{mode}));
  require(!decodeFrame(*frame, other, back).has_value());
  rebindFrame(bytes, CHUNK, other);
  frame = frameAt(bytes);
  require(decodeFrame(*frame, other, back).has_value() && std::ranges::equal(back, plain));
}

}  // namespace
}  // namespace cairn::format

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  auto input = std::as_bytes(std::span(data, size)).subspan(1);
  cairn::format::decodeAny(data[0], input);
  cairn::format::roundTrip(data[0], input);
  return 0;
}
