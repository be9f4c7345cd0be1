#include "mapreduce/sort/loser_tree.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "common/io/random.h"

namespace cairn::mr {
namespace {

// Every number of sources, powers of two or not, with empty ones: the merged sequence is the sorted
// one, and equal numbers come by source.
TEST(LoserTreeTest, MergesAnyNumberOfSources) {
  io::Random random(1);
  for (std::uint32_t k = 1; k <= 40; ++k) {
    std::vector<std::vector<int>> sources(k);
    std::vector<std::pair<int, std::uint32_t>> expected;
    for (std::uint32_t i = 0; i < k; ++i) {
      for (std::uint64_t n = random.below(20); n > 0; --n) {
        sources[i].push_back(static_cast<int>(random.below(15)));
        expected.emplace_back(sources[i].back(), i);
      }
      std::ranges::sort(sources[i]);
    }
    std::ranges::sort(expected);

    std::vector<std::size_t> at(k, 0);
    const auto head = [&](std::uint32_t i) {
      return at[i] < sources[i].size() ? sources[i][at[i]] : std::numeric_limits<int>::max();
    };
    const auto before = [&](std::uint32_t a, std::uint32_t b) {
      return head(a) != head(b) ? head(a) < head(b) : a < b;
    };
    LoserTree tree(k, before);
    std::vector<std::pair<int, std::uint32_t>> got;
    while (at[tree.winner()] < sources[tree.winner()].size()) {
      got.emplace_back(head(tree.winner()), tree.winner());
      ++at[tree.winner()];
      tree.replay();
    }
    ASSERT_EQ(expected, got) << k << " sources";
  }
}

}  // namespace
}  // namespace cairn::mr
