#include "common/format/chunk_header.h"

#include <gtest/gtest.h>

#include "common/base/limits.h"
#include "common/format/crc32c.h"
#include "tests/testkit/results.h"

namespace cairn::format {
namespace {

const ChunkHeader HEADER{.cluster = Uuid::fromHighLow(1, 2),
                         .chunk = ChunkId(0x7FFFFFFFFFFFFFF0),
                         .codec = Codec::ZSTD,
                         .frameSize = 128 * 1024};

using Bytes = std::array<std::byte, CHUNK_HEADER_BYTES>;

// Changes bytes and makes the checksum right again: what only a writer could have done.
template <typename T>
Bytes rewritten(std::size_t at, T value) {
  auto bytes = encodeChunkHeader(HEADER);
  storeLittle(bytes.data() + at, value);
  storeLittle(bytes.data() + 60, crc32c(ByteView(bytes).first(60)));
  return bytes;
}

TEST(ChunkHeaderTest, RoundTrip) {
  for (auto codec : {Codec::RAW, Codec::ZSTD}) {
    for (std::uint32_t frameSize : {1u, 4096u, limits::FRAME_SIZE_MAX}) {
      auto header = HEADER;
      header.codec = codec;
      header.frameSize = frameSize;
      ASSERT_VALUE(auto read, decodeChunkHeader(encodeChunkHeader(header)));
      EXPECT_EQ(header, read);
    }
  }
}

// A flipped bit anywhere is damage, and never passes for a newer version.
TEST(ChunkHeaderTest, EveryBitCounts) {
  for (std::size_t bit = 0; bit < CHUNK_HEADER_BYTES * 8; ++bit) {
    auto bytes = encodeChunkHeader(HEADER);
    bytes[bit / 8] ^= static_cast<std::byte>(1 << bit % 8);
    EXPECT_CODE(Code::CORRUPT, decodeChunkHeader(bytes)) << bit;
  }
}

TEST(ChunkHeaderTest, CutOff) {
  auto bytes = encodeChunkHeader(HEADER);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_CODE(Code::CORRUPT, decodeChunkHeader(ByteView(bytes).first(size)));
  }
}

// An older program that meets a newer file says so, and leaves it alone.
TEST(ChunkHeaderTest, NewerVersionIsRefusedByName) {
  auto result = decodeChunkHeader(rewritten<std::uint32_t>(8, CHUNK_VERSION + 1));
  EXPECT_CODE(Code::UNSUPPORTED_VERSION, result);
  EXPECT_MESSAGE(
      "the chunk's file has format version 2; this program reads up to version 1: run the newer "
      "program that wrote it",
      result);
}

// Values that no writer writes are refused even where the checksum is right: they would be used.
TEST(ChunkHeaderTest, ImpossibleValues) {
  EXPECT_CODE(Code::CORRUPT, decodeChunkHeader(rewritten<std::uint32_t>(8, 0)));
  EXPECT_CODE(Code::CORRUPT, decodeChunkHeader(rewritten<std::uint32_t>(12, 0)));
  EXPECT_CODE(Code::CORRUPT,
              decodeChunkHeader(rewritten<std::uint32_t>(12, limits::FRAME_SIZE_MAX + 1)));
  EXPECT_CODE(Code::CORRUPT, decodeChunkHeader(rewritten<std::uint8_t>(40, 2)));
  for (std::size_t at = 41; at < 60; ++at) {
    EXPECT_CODE(Code::CORRUPT, decodeChunkHeader(rewritten<std::uint8_t>(at, 1))) << at;
  }
}

}  // namespace
}  // namespace cairn::format
