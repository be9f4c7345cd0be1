// A replica's file with any content: as a sealed file (header, trailer, footer, every frame) and as
// one whose writer crashed (frames alone, in pieces of any size).
//
// First byte: bit 0 repairs the checksums of header, frames, footer and trailer, as a hostile
// writer would; the rest is the size of the pieces.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "common/format/chunk_mark.h"
#include "common/format/chunk_scan.h"
#include "common/format/crc32c.h"
#include "common/format/footer.h"
#include "tests/common/format/sample_chunk.h"

namespace cairn::format {
namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

// As the header says, be it good or not.
ChunkId chunkOf(ByteView file) { return ChunkId(loadLittle<std::uint64_t>(file.data() + 32)); }

void repair(ByteVector& file) {
  const auto seal = [&](std::size_t from, std::size_t crcAt, std::uint32_t mark = 0) {
    storeLittle(file.data() + crcAt, crc32c(ByteView(file).subspan(from, crcAt - from)) ^ mark);
  };
  if (file.size() < CHUNK_HEADER_BYTES) return;
  const auto mark = chunkMark(chunkOf(file));
  seal(0, 60);
  auto at = CHUNK_HEADER_BYTES;
  while (auto frame = frameAt(ByteView(file).subspan(at))) {
    auto crc = crc32c(frame->bytes.first(20));
    storeLittle(file.data() + at + 20, crc32c(frame->payload(), crc) ^ mark);
    at += frame->bytes.size();
  }
  if (file.size() < at + footerBytes(0) + TRAILER_BYTES) return;
  auto trailerAt = file.size() - TRAILER_BYTES;
  seal(at, trailerAt - 4);
  seal(trailerAt, trailerAt + 52, mark);
}

void readSealed(ByteView file) {
  if (auto header = decodeChunkHeader(file)) {
    require(std::ranges::equal(encodeChunkHeader(*header), file.first(CHUNK_HEADER_BYTES)));
  }
  if (file.size() >= CHUNK_HEADER_BYTES + TRAILER_BYTES) {
    auto bytes = file.last(TRAILER_BYTES);
    auto trailer = decodeTrailer(bytes, chunkOf(file), file.size());
    if (trailer.has_value()) {
      require(std::ranges::equal(encodeTrailer(*trailer, chunkOf(file)), bytes));
    }
  }
  (void)readWholeChunk(file);
}

void recover(ChunkId chunk, ByteView frames, std::size_t pieceBytes) {
  constexpr std::uint32_t FRAME_SIZE = limits::FRAME_SIZE_DEFAULT;
  ChunkScan whole(chunk, FRAME_SIZE, ChunkScan::Depth::STORED);
  whole.feed(frames);
  ChunkScan pieces(chunk, FRAME_SIZE, ChunkScan::Depth::STORED);
  for (auto rest = frames; !rest.empty();) {
    auto size = std::min(pieceBytes, rest.size());
    pieces.feed(rest.first(size));
    rest = rest.subspan(size);
  }
  require(whole.index() == pieces.index());
  require(whole.plainCrc() == pieces.plainCrc());
  require(whole.pendingBytes() == pieces.pendingBytes());
  require(whole.atFooter() == pieces.atFooter());
  require(whole.damage() == pieces.damage());
  require(whole.index().framesEnd() - CHUNK_HEADER_BYTES <= frames.size());

  ChunkScan unpacked(chunk, FRAME_SIZE, ChunkScan::Depth::PLAIN);
  unpacked.feed(frames);
  require(unpacked.index().frameCount() <= whole.index().frameCount());
  require(unpacked.digest().plainCrc() == unpacked.plainCrc());
  require(unpacked.digest().length() == unpacked.index().plainLength());

  // What was recovered can be sealed, and what was sealed is read.
  auto tail = encodeTail(chunk, unpacked.index(), unpacked.plainCrc(), unpacked.digest().md5());
  auto header = encodeChunkHeader({.chunk = chunk, .frameSize = FRAME_SIZE});
  ByteVector sealed(header.begin(), header.end());
  auto good = frames.first(unpacked.index().framesEnd() - CHUNK_HEADER_BYTES);
  sealed.insert(sealed.end(), good.begin(), good.end());
  sealed.insert(sealed.end(), tail.begin(), tail.end());
  require(readWholeChunk(sealed).has_value());
}

}  // namespace
}  // namespace cairn::format

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cairn::format;
  if (size == 0) return 0;
  auto input = std::as_bytes(std::span(data, size)).subspan(1);
  cairn::ByteVector file(input.begin(), input.end());
  if ((data[0] & 1) != 0) repair(file);
  readSealed(file);
  if (file.size() >= CHUNK_HEADER_BYTES) {
    recover(chunkOf(file), cairn::ByteView(file).subspan(CHUNK_HEADER_BYTES), 1 + (data[0] >> 1));
  }
  return 0;
}
