#include "mapreduce/plan/splits.h"

#include <gtest/gtest.h>

#include <numeric>

#include "tests/testkit/results.h"

namespace cairn::mr {
namespace {

constexpr std::uint64_t MIB = 1 << 20;

InputFile fileOf(std::uint64_t length, std::uint64_t chunkBytes,
                 std::vector<std::vector<NodeId>> nodes = {}) {
  InputFile file{.path = "/f", .length = length, .chunkBytes = chunkBytes, .chunks = {}};
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const std::uint64_t offset = i * chunkBytes;
    file.chunks.push_back(
        {.offset = offset, .length = std::min(chunkBytes, length - offset), .nodes = nodes[i]});
  }
  return file;
}

std::vector<std::uint64_t> lengthsOf(const std::vector<InputSplit>& splits) {
  std::vector<std::uint64_t> lengths;
  for (const auto& split : splits) lengths.push_back(split.length);
  return lengths;
}

using Lengths = std::vector<std::uint64_t>;

// One map a chunk: what locality rests on.
TEST(SplitsTest, ASplitIsAChunk) {
  ASSERT_VALUE(const auto splits, planSplits({fileOf(384 * MIB, 128 * MIB)}, {}));
  EXPECT_EQ((Lengths{128 * MIB, 128 * MIB, 128 * MIB}), lengthsOf(splits));
  EXPECT_EQ(256 * MIB, splits[2].offset);
}

// A tail of up to a tenth joins its predecessor (Hadoop's SPLIT_SLOP), so that no map starts for
// it.
TEST(SplitsTest, ASmallTailJoinsTheLastSplit) {
  ASSERT_VALUE(const auto at, planSplits({fileOf(210, 100)}, {}));
  EXPECT_EQ((Lengths{100, 110}), lengthsOf(at));
  ASSERT_VALUE(const auto above, planSplits({fileOf(211, 100)}, {}));
  EXPECT_EQ((Lengths{100, 100, 11}), lengthsOf(above));
  ASSERT_VALUE(const auto single, planSplits({fileOf(110, 100)}, {}));
  EXPECT_EQ((Lengths{110}), lengthsOf(single));
}

// A file without a byte has no record: a map for it would only cost.
TEST(SplitsTest, EmptyFilesHaveNoSplits) {
  ASSERT_VALUE(const auto splits, planSplits({fileOf(0, 100), fileOf(1, 100)}, {}));
  EXPECT_EQ((Lengths{1}), lengthsOf(splits));
}

// minsize and maxsize as in Hadoop: max(min, min(max, chunk)).
TEST(SplitsTest, TheRuleBoundsTheSize) {
  ASSERT_VALUE(const auto small, planSplits({fileOf(100, 100)}, {.minBytes = 1, .maxBytes = 50}));
  EXPECT_EQ((Lengths{50, 50}), lengthsOf(small));
  ASSERT_VALUE(const auto large, planSplits({fileOf(400, 100)}, {.minBytes = 200}));
  EXPECT_EQ((Lengths{200, 200}), lengthsOf(large));
  EXPECT_CODE(Code::INVALID_ARGUMENT, planSplits({}, {.minBytes = 2, .maxBytes = 1}));
}

// Every byte is in one split, whatever the sizes: a lost or doubled byte is a wrong result.
TEST(SplitsTest, SplitsCoverTheFileOnce) {
  for (std::uint64_t length = 1; length < 200; ++length) {
    for (std::uint64_t size : {1, 7, 10, 64}) {
      ASSERT_VALUE(const auto splits, planSplits({fileOf(length, size)}, {}));
      std::uint64_t at = 0;
      for (const auto& split : splits) {
        ASSERT_EQ(at, split.offset);
        ASSERT_GT(split.length, 0u);
        at += split.length;
      }
      ASSERT_EQ(length, at);
    }
  }
}

// The nodes that hold most of a split come first; those with less than half are no good place.
TEST(SplitsTest, NodesHoldAtLeastHalf) {
  const NodeId a(1), b(2), c(3);
  ASSERT_VALUE(const auto splits,
               planSplits({fileOf(200, 100, {{b, a}, {c, a}})}, {.minBytes = 200}));
  ASSERT_EQ(1u, splits.size());
  EXPECT_EQ((std::vector<NodeId>{a, b, c}), splits[0].nodes);
  ASSERT_VALUE(const auto uneven, planSplits({fileOf(150, 100, {{b}, {c}})}, {.minBytes = 150}));
  EXPECT_EQ((std::vector<NodeId>{b}), uneven[0].nodes);
}

// When replicas are scattered so that no node has half, the best still beat any other.
TEST(SplitsTest, WithoutAHalfTheMostCount) {
  const NodeId a(1), b(2), c(3);
  ASSERT_VALUE(const auto splits,
               planSplits({fileOf(300, 100, {{c}, {b}, {a}})}, {.minBytes = 300}));
  EXPECT_EQ((std::vector<NodeId>{a, b, c}), splits[0].nodes);
}

// More maps than that are a mistake in the configuration, not a job.
TEST(SplitsTest, TooManySplitsAreRefused) {
  EXPECT_CODE(Code::LIMIT_EXCEEDED, planSplits({fileOf(SPLITS_MAX * 2, 1)}, {}));
}

}  // namespace
}  // namespace cairn::mr
