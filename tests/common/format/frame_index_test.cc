#include "common/format/frame_index.h"

#include <gtest/gtest.h>

#include "common/format/chunk_header.h"
#include "common/io/random.h"
#include "tests/testkit/results.h"

namespace cairn::format {
namespace {

struct Listed {
  std::uint32_t plain, stored;
};

FrameIndex indexOf(const std::vector<Listed>& frames) {
  FrameIndex index;
  for (auto frame : frames) EXPECT_OK(index.add(frame.plain, frame.stored));
  return index;
}

TEST(FrameIndexTest, EmptyChunk) {
  FrameIndex index;
  EXPECT_EQ(0u, index.frameCount());
  EXPECT_EQ(0u, index.plainLength());
  EXPECT_EQ(CHUNK_HEADER_BYTES, index.framesEnd());
  EXPECT_EQ(0u, index.cover(0, 100, 100).frameCount);
}

TEST(FrameIndexTest, Places) {
  auto index = indexOf({{100, 50}, {10, 34}, {100, 60}});
  EXPECT_EQ(210u, index.plainLength());
  EXPECT_EQ(64u + 144, index.framesEnd());
  EXPECT_EQ((FrameSpan{.firstFrame = 1,
                       .frameCount = 1,
                       .plainOffset = 100,
                       .plainLength = 10,
                       .fileOffset = 64 + 50,
                       .fileLength = 34}),
            index.frame(1));
  index.truncate(1);
  EXPECT_EQ(100u, index.plainLength());
  EXPECT_EQ(64u + 50, index.framesEnd());
}

// A read gets the frames that hold its bytes, no more than a message may carry, but never none.
// Compared with a walk over all frames, for random chunks and ranges.
TEST(FrameIndexTest, CoverIsWhatAWalkFinds) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    io::Random random(seed);
    std::vector<Listed> frames;
    std::uint64_t all = 0;
    for (auto count = random.below(12); count > 0; --count) {
      auto plain = static_cast<std::uint32_t>(1 + random.below(random.below(2) == 0 ? 3 : 40));
      frames.push_back({plain, 24 + plain});
      all += plain;
    }
    auto index = indexOf(frames);
    for (int i = 0; i < 200; ++i) {
      auto offset = random.below(all + 3), length = random.below(all + 5);
      if (random.below(10) == 0) length = UINT64_MAX - random.below(3);
      auto plainMax = random.below(2) == 0 ? UINT64_MAX : random.below(80);
      FrameSpan expected{.firstFrame = index.frameCount(),
                         .frameCount = 0,
                         .plainOffset = index.plainLength(),
                         .plainLength = 0,
                         .fileOffset = index.framesEnd(),
                         .fileLength = 0};
      for (std::uint32_t n = 0; n < index.frameCount() && length > 0; ++n) {
        auto frame = index.frame(n);
        if (frame.plainOffset + frame.plainLength <= offset) continue;
        if (frame.plainOffset >= offset && frame.plainOffset - offset >= length) break;
        if (expected.frameCount == 0) {
          expected = frame;
        } else if (expected.plainLength + frame.plainLength > plainMax) {
          break;
        } else {
          ++expected.frameCount;
          expected.plainLength += frame.plainLength;
          expected.fileLength += frame.fileLength;
        }
      }
      ASSERT_EQ(expected, index.cover(offset, length, plainMax))
          << "seed " << seed << " offset " << offset << " length " << length << " max " << plainMax;
    }
  }
}

TEST(FrameIndexTest, FullChunkSaysSo) {
  FrameIndex index;
  for (std::uint32_t n = 0; n < FRAMES_PER_CHUNK_MAX; ++n) ASSERT_OK(index.add(1, 25));
  EXPECT_CODE(Code::LIMIT_EXCEEDED, index.add(1, 25));
  EXPECT_EQ(FRAMES_PER_CHUNK_MAX, index.frameCount());
}

}  // namespace
}  // namespace cairn::format
