#include "common/io/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>
#include <vector>

namespace cairn::io {
namespace {

// A seed is a bug report: its numbers must be the same with every compiler and in ten years. The
// values are those of the authors' reference code (xoshiro256starstar.c seeded by splitmix64.c).
TEST(RandomTest, KnownNumbers) {
  Random random(0);
  EXPECT_EQ(11091344671253066420u, random.next64());
  EXPECT_EQ(13793997310169335082u, random.next64());
  EXPECT_EQ(1900383378846508768u, random.next64());
  EXPECT_EQ(7684712102626143532u, random.next64());
}

TEST(RandomTest, SameSeedSameNumbers) {
  Random a(42), b(42), c(43);
  bool differs = false;
  for (int i = 0; i < 100; ++i) {
    const auto number = a.next64();
    EXPECT_EQ(number, b.next64());
    differs |= number != c.next64();
  }
  EXPECT_TRUE(differs);
}

// Each result about equally often: a bias here would be a bias in placement.
TEST(RandomTest, BelowIsUniform) {
  Random random(7);
  std::array<int, 10> seen{};
  for (int i = 0; i < 100000; ++i) ++seen[random.below(10)];
  for (const int count : seen) EXPECT_NEAR(10000, count, 400);  // 4 standard deviations
  EXPECT_EQ(0u, random.below(1));
  // Of 2^64 numbers modulo 3*2^62 the lowest third would come twice as often, were the surplus not
  // thrown away.
  const std::uint64_t n = std::uint64_t{3} << 62;
  int low = 0;
  for (int i = 0; i < 9000; ++i) {
    const auto value = random.below(n);
    ASSERT_LT(value, n);
    low += value < n / 3;
  }
  EXPECT_NEAR(3000, low, 200);
}

TEST(RandomTest, BetweenCoversItsEnds) {
  Random random(7);
  std::set<std::int64_t> seen;
  for (int i = 0; i < 200; ++i) seen.insert(random.between(-2, 2));
  EXPECT_EQ((std::set<std::int64_t>{-2, -1, 0, 1, 2}), seen);
  random.between(INT64_MIN, INT64_MAX);  // the whole range is one too
}

TEST(RandomTest, Chance) {
  Random random(7);
  int hits = 0;
  for (int i = 0; i < 10000; ++i) {
    EXPECT_FALSE(random.chance(0));
    EXPECT_TRUE(random.chance(1));
    hits += random.chance(0.25);
  }
  EXPECT_NEAR(2500, hits, 200);
}

// fill must set every byte whatever the length, and uuids must not repeat.
TEST(RandomTest, FillAndUuid) {
  Random random(7);
  for (std::size_t size = 0; size < 40; ++size) {
    std::vector<std::byte> or_(size);
    for (int round = 0; round < 30; ++round) {
      std::vector<std::byte> bytes(size);
      random.fill(bytes);
      for (std::size_t i = 0; i < size; ++i) or_[i] |= bytes[i];
    }
    EXPECT_TRUE(std::ranges::all_of(or_, [](std::byte b) { return b != std::byte{0}; }));
  }
  std::set<Uuid> uuids;
  for (int i = 0; i < 1000; ++i) uuids.insert(random.uuid());
  EXPECT_EQ(1000u, uuids.size());
}

TEST(RandomTest, ShuffleKeepsTheElements) {
  Random random(7);
  std::vector<int> items{1, 2, 3, 4, 5, 6, 7, 8};
  const auto before = items;
  random.shuffle(items);
  EXPECT_NE(before, items);
  std::ranges::sort(items);
  EXPECT_EQ(before, items);
}

// Two processes, or two threads after a split, must not draw the same numbers.
TEST(RandomTest, IndependentGenerators) {
  Random a = Random::fromOs(), b = Random::fromOs();
  EXPECT_NE(a.next64(), b.next64());
  Random parent(7);
  Random child = parent.split();
  EXPECT_NE(parent.next64(), child.next64());
}

}  // namespace
}  // namespace cairn::io
