#include "tests/common/format/sample_chunk.h"

#include <algorithm>

#include "common/format/chunk_scan.h"
#include "common/format/footer.h"
#include "common/format/frame.h"
#include "common/format/trailer.h"

namespace cairn::format {
namespace {

const ClusterId CLUSTER = Uuid::fromHighLow(0x0102030405060708, 0x090a0b0c0d0e0f10);

}  // namespace

ByteVector textBytes(std::size_t count) {
  ByteVector bytes;
  for (unsigned line = 0; bytes.size() < count; ++line) {
    auto text = "line " + std::to_string(line) + " of a chunk that compresses well\n";
    auto view = asBytes(text);
    bytes.insert(bytes.end(), view.begin(), view.end());
  }
  bytes.resize(count);
  return bytes;
}

ByteVector noiseBytes(std::size_t count, std::uint64_t seed) {
  ByteVector bytes(count);
  for (auto& byte : bytes) {
    seed = seed * 6364136223846793005 + 1442695040888963407;
    byte = static_cast<std::byte>(seed >> 56);
  }
  return bytes;
}

SampleChunk::SampleChunk(std::uint32_t frameSize, Codec codec)
    : header{.cluster = CLUSTER, .chunk = ChunkId(0x1230), .codec = codec, .frameSize = frameSize} {
  auto bytes = encodeChunkHeader(header);
  file.assign(bytes.begin(), bytes.end());
}

SampleChunk& SampleChunk::frame(ByteView bytes) {
  PieceDigest piece(plain.size());
  auto end = file.size();
  file.resize(end + encodedFrameMax(bytes.size()));
  auto size = encodeFrame({.codec = header.codec, .zstdLevel = 1}, header.chunk, index.frameCount(),
                          bytes, MutableBytes(file).subspan(end), piece);
  file.resize(end + size);
  plain.insert(plain.end(), bytes.begin(), bytes.end());
  digest.add(piece);
  (void)index.add(static_cast<std::uint32_t>(bytes.size()), static_cast<std::uint32_t>(size));
  return *this;
}

SampleChunk& SampleChunk::frames(ByteView bytes) {
  while (!bytes.empty()) {
    auto size = std::min<std::size_t>(bytes.size(), header.frameSize);
    frame(bytes.first(size));
    bytes = bytes.subspan(size);
  }
  return *this;
}

SampleChunk& SampleChunk::seal() {
  auto tail = encodeTail(header.chunk, index, digest.plainCrc(), digest.md5());
  file.insert(file.end(), tail.begin(), tail.end());
  return *this;
}

Result<ByteVector> readWholeChunk(ByteView file) {
  ASSIGN(auto header, decodeChunkHeader(file));
  if (file.size() < CHUNK_HEADER_BYTES + TRAILER_BYTES) return fail(Code::CORRUPT, "too short");
  ASSIGN(auto trailer, decodeTrailer(file.last(TRAILER_BYTES), header.chunk, file.size()));
  auto footer = file.subspan(trailer.framesEnd);
  ASSIGN(auto index,
         decodeFooter(footer.first(footer.size() - TRAILER_BYTES), trailer, header.frameSize));
  ByteVector plain(trailer.plainLength);
  ChunkDigest digest;
  for (std::uint32_t n = 0; n < index.frameCount(); ++n) {
    auto place = index.frame(n);
    ASSIGN(auto frame, frameAt(file.subspan(place.fileOffset, place.fileLength), header.frameSize));
    if (frame.header.sequence != n || frame.header.plainLength != place.plainLength ||
        frame.header.frameBytes() != place.fileLength) {
      return fail(Code::CORRUPT, "the index names another frame");
    }
    PieceDigest piece(place.plainOffset);
    TRY(decodeFrame(frame, header.chunk,
                    MutableBytes(plain).subspan(place.plainOffset, place.plainLength), &piece));
    digest.add(piece);
  }
  if (digest.plainCrc() != trailer.plainCrc || digest.md5() != trailer.md5) {
    return fail(Code::CORRUPT, "the chunk does not match its trailer");
  }
  return plain;
}

}  // namespace cairn::format
