// When which datanode is told to recover which file's last chunk.
#include "namenode/lease/recovery_book.h"

#include <gtest/gtest.h>

#include <set>

namespace cairn::nn {
namespace {

const InodeId FILE_ONE(1);
constexpr RecoveryLimits LIMITS{
    .waitForNodesMs = 100, .attemptMs = 1000, .attemptMaxMs = 4000, .believeEmptyMs = 5000};

class RecoveryBookTest : public ::testing::Test {
protected:
  std::vector<RecoveryBook::Node> nodes() {
    std::vector<RecoveryBook::Node> all;
    for (std::uint32_t i = 1; i <= 3; ++i) {
      all.push_back({.node = NodeId(i), .live = live.contains(i), .gone = gone.contains(i)});
    }
    return all;
  }
  // The primary told at this time; 0: nobody.
  std::uint32_t tellAt(std::int64_t nowMs) {
    const auto due = book.due(nowMs, 10, [&](NodeId node) { return live.contains(node.value); });
    if (due.empty()) return 0;
    const auto attempt = book.attempt(due[0], nodes(), nowMs);
    return attempt.has_value() ? attempt->primary.value : 0;
  }
  std::set<std::uint32_t> live{1, 2, 3};
  std::set<std::uint32_t> gone;
  RecoveryBook book{LIMITS};
};

// Protects a recovery from a command that is lost and a primary that cannot do it: after a time
// that grows, up to a limit, another one is told.
TEST_F(RecoveryBookTest, TheNextIsToldAfterAWhile) {
  book.begin(FILE_ONE, 0);
  book.begin(FILE_ONE, 50);  // no second one
  EXPECT_EQ(book.size(), 1U);
  EXPECT_EQ(tellAt(0), 1U);
  EXPECT_EQ(tellAt(999), 0U);
  EXPECT_EQ(tellAt(1000), 2U);
  EXPECT_EQ(tellAt(2999), 0U);
  EXPECT_EQ(tellAt(3000), 3U);
  EXPECT_EQ(tellAt(7000), 1U);
  EXPECT_EQ(tellAt(10'999), 0U);
  EXPECT_EQ(tellAt(11'000), 2U);
  book.end(FILE_ONE);
  EXPECT_EQ(tellAt(100'000), 0U);
}

// Protects against waiting for a primary that is gone.
TEST_F(RecoveryBookTest, ALostPrimaryIsReplacedAtOnce) {
  book.begin(FILE_ONE, 0);
  EXPECT_EQ(tellAt(0), 1U);
  live.erase(1);
  EXPECT_EQ(tellAt(10), 0U);  // awaited for a moment: it may just restart
  EXPECT_EQ(tellAt(1010), 3U);
}

// Protects bytes that only a datanode has which is just being restarted; one that was given up, or
// does not come, holds nobody up.
TEST_F(RecoveryBookTest, WaitsForThoseThatMayComeBack) {
  live = {2};
  gone = {1};
  book.begin(FILE_ONE, 0);
  EXPECT_EQ(tellAt(0), 0U);
  EXPECT_FALSE(book.believesEmpty(FILE_ONE, 0));
  EXPECT_EQ(tellAt(1000), 2U);
  // The third was not asked.
  EXPECT_FALSE(book.believesEmpty(FILE_ONE, 1000));
  EXPECT_TRUE(book.believesEmpty(FILE_ONE, 5000));
  gone = {1, 3};
  EXPECT_EQ(tellAt(2000), 2U);
  EXPECT_TRUE(book.believesEmpty(FILE_ONE, 2000));
}

// Protects the file when nobody has the chunk now: it is tried again and again, and not given up.
TEST_F(RecoveryBookTest, WithoutAnyNodeItGoesOnTrying) {
  live = {};
  gone = {1, 2, 3};
  book.begin(FILE_ONE, 0);
  for (std::int64_t nowMs = 0; nowMs < 100'000; nowMs += 1000) {
    ASSERT_EQ(tellAt(nowMs), 0U);
    ASSERT_FALSE(book.believesEmpty(FILE_ONE, nowMs));
  }
  live = {3};
  EXPECT_EQ(tellAt(100'000), 3U);
}

// Protects the event loop, and fairness: at most so many at a time, those first that have waited
// longest.
TEST_F(RecoveryBookTest, InOrderAndBounded) {
  for (std::uint64_t i = 1; i <= 5; ++i) book.begin(InodeId(i), 0);
  const auto all = [](NodeId) { return true; };
  EXPECT_EQ(book.due(0, 2, all), (std::vector<InodeId>{InodeId(1), InodeId(2)}));
  (void)book.attempt(InodeId(1), nodes(), 0);
  (void)book.attempt(InodeId(2), nodes(), 500);
  EXPECT_EQ(book.due(10'000, 4, all),
            (std::vector<InodeId>{InodeId(3), InodeId(4), InodeId(5), InodeId(1)}));
}

}  // namespace
}  // namespace cairn::nn
