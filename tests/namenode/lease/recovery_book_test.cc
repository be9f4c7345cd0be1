// When which datanode is told to recover which file's last chunk.
#include "namenode/lease/recovery_book.h"

#include <gtest/gtest.h>

#include <set>

namespace cairn::nn {
namespace {

const InodeId FILE_ONE(1);
constexpr RecoveryLimits LIMITS{.waitForNodesMs = 100,
                                .attemptMs = 1000,
                                .attemptMaxMs = 4000,
                                .believeEmptyMs = 5000,
                                .lostMs = 9000};

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

// Protects bytes of a datanode that starts while safe mode is on: nobody has waited for it yet when
// that ends.
TEST_F(RecoveryBookTest, NobodyWaitsWhileNoAttemptCanBeMade) {
  live = {1, 2};
  book.begin(FILE_ONE, 0);
  for (std::int64_t nowMs = 0; nowMs <= 100'000; nowMs += 500) book.notYet(nowMs);
  EXPECT_EQ(tellAt(100'050), 0U);
  EXPECT_EQ(tellAt(101'050), 1U);
  EXPECT_FALSE(book.believesEmpty(FILE_ONE, 101'050));
  EXPECT_FALSE(book.believesEmpty(FILE_ONE, 104'999));
  EXPECT_TRUE(book.believesEmpty(FILE_ONE, 105'000));
}

// Protects what lies on a volume that has failed, for as long as a datanode that is away would be
// waited for; and the file from staying open for ever.
TEST_F(RecoveryBookTest, WhatIsLostWithAVolumeIsGivenUpAfterAWhile) {
  book.begin(FILE_ONE, 0);
  const auto attemptAt = [&](std::int64_t nowMs) { return book.attempt(FILE_ONE, nodes(), nowMs); };
  EXPECT_FALSE(attemptAt(0).value().withoutLost);
  EXPECT_FALSE(attemptAt(8999).value().withoutLost);
  EXPECT_TRUE(attemptAt(9000).value().withoutLost);
}

// Protects what was written last: copies from before that do only when no other node may have it,
// however long that one is away.
TEST_F(RecoveryBookTest, OlderCopiesWaitForTheOthers) {
  const auto attemptAt = [&](std::int64_t nowMs) {
    auto places = nodes();
    places[2].older = true;
    return book.attempt(FILE_ONE, places, nowMs);
  };
  book.begin(FILE_ONE, 0);
  const auto all = attemptAt(0);
  ASSERT_TRUE(all.has_value());
  EXPECT_EQ(all->nodes, (std::vector{NodeId(1), NodeId(2)}));
  EXPECT_EQ(all->older, std::vector{NodeId(3)});
  live = {2, 3};
  const auto without = attemptAt(100'000);
  ASSERT_TRUE(without.has_value());
  EXPECT_EQ(without->nodes, std::vector{NodeId(2)});
  EXPECT_TRUE(without->older.empty());
  live = {3};
  EXPECT_FALSE(attemptAt(200'000).has_value());
  gone = {1, 2};
  const auto last = attemptAt(300'000);
  ASSERT_TRUE(last.has_value());
  EXPECT_EQ(last->primary, NodeId(3));
  EXPECT_TRUE(last->nodes.empty());
  EXPECT_EQ(last->older, std::vector{NodeId(3)});
  // An older one that is away holds nobody up.
  live = {1, 2};
  gone = {};
  book.end(FILE_ONE);
  book.begin(FILE_ONE, 400'000);
  EXPECT_TRUE(attemptAt(400'000).has_value());
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
