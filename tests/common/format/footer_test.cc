#include "common/format/footer.h"

#include <gtest/gtest.h>

#include "common/base/limits.h"
#include "common/format/crc32c.h"
#include "common/format/frame.h"
#include "tests/testkit/results.h"

namespace cairn::format {
namespace {

constexpr std::uint32_t FRAME_SIZE = 4096;
constexpr ChunkId CHUNK{0x1230};

FrameIndex sampleIndex() {
  FrameIndex index;
  EXPECT_OK(index.add(4096, 700));
  EXPECT_OK(index.add(4096, 24 + 4096));
  EXPECT_OK(index.add(1, 25));
  return index;
}

Trailer sampleTrailer() {
  Md5Sum sum;
  sum.add(asBytes("x"));
  return sealingTrailer(sampleIndex(), 0x12345678, sum.sum());
}

TEST(TrailerTest, RoundTrip) {
  auto trailer = sampleTrailer();
  ASSERT_VALUE(auto read, decodeTrailer(encodeTrailer(trailer, CHUNK), CHUNK, trailer.fileLength));
  EXPECT_EQ(trailer, read);
}

TEST(TrailerTest, EveryBitCounts) {
  auto trailer = sampleTrailer();
  for (std::size_t bit = 0; bit < TRAILER_BYTES * 8; ++bit) {
    auto bytes = encodeTrailer(trailer, CHUNK);
    bytes[bit / 8] ^= static_cast<std::byte>(1 << bit % 8);
    EXPECT_CODE(Code::CORRUPT, decodeTrailer(bytes, CHUNK, trailer.fileLength)) << bit;
  }
}

// A file that was cut and ends in what was once another file's trailer, or was appended to.
TEST(TrailerTest, FileOfAnotherLength) {
  auto trailer = sampleTrailer();
  EXPECT_CODE(Code::CORRUPT,
              decodeTrailer(encodeTrailer(trailer, CHUNK), CHUNK, trailer.fileLength + 1));
  EXPECT_CODE(Code::CORRUPT, decodeTrailer({}, CHUNK, 0));
}

// A tail that was written to the wrong place, or was there before: of a file as long.
TEST(TrailerTest, TrailerOfAnotherChunk) {
  auto trailer = sampleTrailer();
  const auto bytes = encodeTrailer(trailer, ChunkId(CHUNK.value + 16));
  EXPECT_CODE(Code::CORRUPT, decodeTrailer(bytes, CHUNK, trailer.fileLength));
}

// The values are used as offsets and sizes afterwards: whatever cannot be is refused here.
TEST(TrailerTest, ImpossibleValues) {
  const auto refused = [](auto change) {
    auto trailer = sampleTrailer();
    change(trailer);
    EXPECT_CODE(Code::CORRUPT,
                decodeTrailer(encodeTrailer(trailer, CHUNK), CHUNK, trailer.fileLength));
  };
  refused([](Trailer& t) { t.framesEnd += 1; });
  refused([](Trailer& t) { t.framesEnd = UINT64_MAX; });
  refused([](Trailer& t) { t.frameCount += 1; });
  refused([](Trailer& t) { t.frameCount = UINT32_MAX; });
  refused([](Trailer& t) { t.plainLength = 2; });  // three frames hold three bytes at least
  refused([](Trailer& t) { t.plainLength = 3 * std::uint64_t{limits::FRAME_SIZE_MAX} + 1; });
  refused([](Trailer& t) {  // frames longer than their plain bytes raw
    t.framesEnd += 10000;
    t.fileLength += 10000;
  });
  refused([](Trailer& t) {  // frames shorter than their headers
    t.fileLength -= t.framesEnd - 65;
    t.framesEnd = 65;
  });
}

TEST(FooterTest, RoundTrip) {
  for (const auto& index : {FrameIndex(), sampleIndex()}) {
    auto footer = encodeFooter(index);
    EXPECT_EQ(footerBytes(index.frameCount()), footer.size());
    EXPECT_TRUE(startsFooter(footer));
    ASSERT_VALUE(auto read, decodeFooter(footer, sealingTrailer(index, 0, {}), FRAME_SIZE));
    EXPECT_EQ(index, read);
  }
}

TEST(FooterTest, EveryBitCounts) {
  const auto good = encodeFooter(sampleIndex());
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    auto bytes = good;
    bytes[bit / 8] ^= static_cast<std::byte>(1 << bit % 8);
    EXPECT_CODE(Code::CORRUPT, decodeFooter(bytes, sampleTrailer(), FRAME_SIZE)) << bit;
  }
}

// A footer of another chunk, however sound, does not serve this one.
TEST(FooterTest, AgreesWithTheTrailer) {
  const auto footer = encodeFooter(sampleIndex());
  EXPECT_OK(decodeFooter(footer, sampleTrailer(), FRAME_SIZE));
  EXPECT_CODE(Code::CORRUPT,
              decodeFooter(ByteView(footer).first(footer.size() - 1), sampleTrailer(), FRAME_SIZE));
  const auto refused = [&](auto change) {
    auto trailer = sampleTrailer();
    change(trailer);
    EXPECT_CODE(Code::CORRUPT, decodeFooter(footer, trailer, FRAME_SIZE));
  };
  refused([](Trailer& t) { t.plainLength -= 1; });
  refused([](Trailer& t) { t.framesEnd -= 1; });
  refused([](Trailer& t) { t.frameCount -= 1; });
}

// Lengths that no frame has are refused one by one, even where the sums are right: a reader would
// read, or unpack, by them.
TEST(FooterTest, ImpossibleFrames) {
  struct Entry {
    std::uint32_t plainLength, frameBytes;
  };
  const auto decoded = [](Entry first, Entry second) {
    FrameIndex index;
    EXPECT_OK(index.add(first.plainLength, first.frameBytes));
    EXPECT_OK(index.add(second.plainLength, second.frameBytes));
    return decodeFooter(encodeFooter(index), sealingTrailer(index, 0, {}), FRAME_SIZE);
  };
  EXPECT_OK(decoded({2000, 700}, {2000, 700}));
  EXPECT_CODE(Code::CORRUPT, decoded({0, 700}, {4000, 700}));
  EXPECT_CODE(Code::CORRUPT, decoded({FRAME_SIZE + 1, 700}, {1000, 700}));
  EXPECT_CODE(Code::CORRUPT, decoded({2000, FRAME_HEADER_BYTES}, {2000, 1376}));
  EXPECT_CODE(Code::CORRUPT, decoded({2000, FRAME_HEADER_BYTES + 2001}, {2000, 975}));
}

TEST(FooterTest, CountAgreesWithTheTrailer) {
  auto bytes = encodeFooter(sampleIndex());
  storeLittle(bytes.data() + 4, 2u);
  storeLittle(bytes.data() + bytes.size() - 4, crc32c(ByteView(bytes).first(bytes.size() - 4)));
  EXPECT_CODE(Code::CORRUPT, decodeFooter(bytes, sampleTrailer(), FRAME_SIZE));
}

// No frame can be taken for a footer: its first four bytes are a length below the magic number.
TEST(FooterTest, MagicIsNoLength) { EXPECT_GT(FOOTER_MAGIC, limits::FRAME_SIZE_MAX); }

}  // namespace
}  // namespace cairn::format
