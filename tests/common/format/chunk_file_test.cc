// Whole files: what a reader that trusts nothing makes of them.
#include <gtest/gtest.h>

#include "common/base/limits.h"
#include "common/io/random.h"
#include "tests/common/format/sample_chunk.h"
#include "tests/testkit/results.h"

namespace cairn::format {
namespace {

// Any content, any cut into frames, each codec: the same bytes back.
TEST(ChunkFileTest, RandomRoundTrips) {
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    io::Random random(seed);
    const auto frameSize = static_cast<std::uint32_t>(1 + random.below(5000));
    SampleChunk chunk(frameSize, random.below(4) == 0 ? Codec::RAW : Codec::ZSTD);
    for (auto count = random.below(10); count > 0; --count) {
      auto size = 1 + random.below(frameSize);
      chunk.frame(random.below(2) == 0 ? textBytes(size) : noiseBytes(size, seed));
    }
    chunk.seal();
    ASSERT_VALUE(auto plain, readWholeChunk(chunk.file));
    ASSERT_EQ(chunk.plain, plain) << "seed " << seed;
  }
}

// No single flipped bit of a sealed file goes unnoticed, wherever it is.
TEST(ChunkFileTest, EveryBitOfAFileCounts) {
  auto chunk = SampleChunk(600).frames(textBytes(1300)).frame(noiseBytes(40)).seal();
  ASSERT_OK(readWholeChunk(chunk.file));
  for (std::size_t bit = 0; bit < chunk.file.size() * 8; ++bit) {
    auto file = chunk.file;
    file[bit / 8] ^= static_cast<std::byte>(1 << bit % 8);
    ASSERT_TRUE(testkit::failsWith(readWholeChunk(file), Code::CORRUPT)) << "byte " << bit / 8;
  }
}

TEST(ChunkFileTest, CutAnywhere) {
  auto chunk = SampleChunk(600).frames(textBytes(1300)).seal();
  for (std::size_t size = 0; size < chunk.file.size(); ++size) {
    ASSERT_TRUE(testkit::failsWith(readWholeChunk(ByteView(chunk.file).first(size)), Code::CORRUPT))
        << size;
  }
}

// Sectors swapped or overwritten within the file, as disks do.
TEST(ChunkFileTest, MovedSectors) {
  auto chunk = SampleChunk(4096).frames(noiseBytes(20000)).seal();
  for (std::size_t from = 0; from + 512 <= chunk.file.size(); from += 512) {
    auto file = chunk.file;
    auto to = (from + 4096) % (chunk.file.size() - 512);
    std::copy_n(chunk.file.begin() + static_cast<std::ptrdiff_t>(from), 512,
                file.begin() + static_cast<std::ptrdiff_t>(to));
    ASSERT_TRUE(testkit::failsWith(readWholeChunk(file), Code::CORRUPT)) << from;
  }
}

// A chunk of the default frame size, larger than one packet.
TEST(ChunkFileTest, DefaultFrameSize) {
  auto chunk =
      SampleChunk(limits::FRAME_SIZE_DEFAULT).frames(textBytes(3 * 1024 * 1024 + 1)).seal();
  EXPECT_EQ(25u, chunk.index.frameCount());
  ASSERT_VALUE(auto plain, readWholeChunk(chunk.file));
  EXPECT_EQ(chunk.plain, plain);
}

}  // namespace
}  // namespace cairn::format
