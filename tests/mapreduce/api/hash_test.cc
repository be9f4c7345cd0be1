#include "cairn/mr/hash.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace cairn::mr {
namespace {

// Partitions must not change from one version to the next: outputs of two jobs are joined part by
// part. These numbers are never to be adapted to the code.
TEST(HashTest, ValuesArePinned) {
  const std::vector<std::pair<std::string, std::uint64_t>> pinned{
      {"", 0xe087f6299ff1b481},
      {"a", 0xae93bdac59768b3f},
      {"ab", 0x2d5002af94debd0f},
      {"abc", 0x7d3270a78d1976c9},
      {"abcd", 0x676315d3a896a6ca},
      {"abcdefg", 0x355b1ff66b55b72d},
      {"abcdefgh", 0x1ddade6313cefbf7},
      {"abcdefghi", 0xf0d40f8182ac9738},
      {"the quick brown fox jumps over the lazy dog", 0x14423fac944c0ddd},
  };
  for (const auto& [text, hash] : pinned) EXPECT_EQ(hash, hashBytes(text)) << text;
}

// The same bytes at another address, with other neighbours, are the same key.
TEST(HashTest, OnlyTheBytesCount) {
  for (std::size_t size = 0; size < 40; ++size) {
    std::set<std::uint64_t> hashes;
    for (std::size_t at = 0; at < 9; ++at) {
      const std::string text = std::string(at, '#') + std::string(size, 'k') + "#########";
      hashes.insert(hashBytes(std::string_view(text).substr(at, size)));
    }
    EXPECT_EQ(1u, hashes.size()) << size;
  }
}

// Words, numbers, one-letter keys: no partition gets much more than its share.
TEST(HashTest, PartitionsAreEven) {
  constexpr std::uint32_t PARTITIONS = 7;
  std::vector<std::size_t> counts(PARTITIONS);
  constexpr std::size_t KEYS = 70'000;
  for (std::size_t i = 0; i < KEYS; ++i) {
    const auto partition = partitionOfHash(hashBytes(std::to_string(i)), PARTITIONS);
    ASSERT_LT(partition, PARTITIONS);
    ++counts[partition];
  }
  for (const auto count : counts) {
    EXPECT_GT(count, KEYS / PARTITIONS * 95 / 100);
    EXPECT_LT(count, KEYS / PARTITIONS * 105 / 100);
  }
}

}  // namespace
}  // namespace cairn::mr
