// Which chunks are looked at when, and which copies are under way.
#include "namenode/repair/repair_book.h"

#include <gtest/gtest.h>

namespace cairn::nn {
namespace {

const ChunkId A(16);
const ChunkId B(32);
const ChunkId C(48);
const NodeId ONE(1);
const NodeId TWO(2);

class RepairBookTest : public ::testing::Test {
protected:
  // The number of the chunk that is looked at now; 0: none.
  std::uint64_t next(std::int64_t nowMs) {
    const auto taken = book.next(nowMs);
    return taken.has_value() ? taken->first.value : 0;
  }
  RepairBook book;
};

// Protects the last copy of one chunk from waiting behind a million that have two.
TEST_F(RepairBookTest, TheMostUrgentChunkComesFirst) {
  book.review(A, RepairNeed::UNSURE);
  book.review(B, RepairNeed::SHORT);
  book.review(C, RepairNeed::SHORT);
  book.review(C, RepairNeed::LAST_COPY);
  book.review(B, RepairNeed::UNSURE);  // no less urgent for that
  EXPECT_EQ(book.waiting(), 3U);
  EXPECT_EQ(next(0), C.value);
  EXPECT_EQ(next(0), B.value);
  EXPECT_EQ(next(0), A.value);
  EXPECT_EQ(next(0), 0U);
  EXPECT_EQ(book.waiting(), 0U);
}

TEST_F(RepairBookTest, SomeAreLookedAtLater) {
  book.reviewLater(A, RepairNeed::SHORT, 100, 50);
  book.review(A, RepairNeed::SHORT);
  EXPECT_EQ(next(149), 0U);
  book.review(A, RepairNeed::LAST_COPY);
  EXPECT_EQ(next(149), 0U);
  EXPECT_EQ(book.next(150), std::pair(A, RepairNeed::LAST_COPY));
  EXPECT_EQ(next(1000), 0U);
}

// Protects surplus copies from staying, and setrep -w from waiting, while many others are copied.
TEST_F(RepairBookTest, ThoseWithEnoughCopiesCanBeHadApart) {
  book.review(A, RepairNeed::SHORT);
  EXPECT_FALSE(book.next(0, true).has_value());
  book.review(B, RepairNeed::UNCONFIRMED);
  book.review(C, RepairNeed::UNSURE);
  EXPECT_EQ(book.next(0, true)->first, C);
  EXPECT_EQ(book.next(0, true)->first, B);
  EXPECT_EQ(next(0), A.value);
}

// Protects a datanode from more than it can do.
TEST_F(RepairBookTest, ADatanodeGetsOnlySoMuchAtATime) {
  for (std::uint64_t i = 1; i <= RepairBook::COPIES_PER_NODE_MAX; ++i) {
    EXPECT_FALSE(book.isBusy(ONE));
    book.begin(ChunkId(16 * i), ONE, 1, 0);
  }
  EXPECT_TRUE(book.isBusy(ONE));
  EXPECT_FALSE(book.isBusy(TWO));
  EXPECT_TRUE(book.arrived(A, ONE));
  EXPECT_FALSE(book.isBusy(ONE));
  EXPECT_FALSE(book.arrived(A, ONE));
  EXPECT_FALSE(book.arrived(B, TWO));
  book.begin(A, TWO, RepairBook::BYTES_PER_NODE_MAX - 1, 0);
  EXPECT_FALSE(book.isBusy(TWO));
  book.begin(B, TWO, 2 * RepairBook::BYTES_PER_NODE_MAX, 0);
  EXPECT_TRUE(book.isBusy(TWO));
  EXPECT_TRUE(book.arrived(B, TWO));
  EXPECT_FALSE(book.isBusy(TWO));
}

// Protects a chunk from a copy that is lost: its datanode begins anew, or says nothing any more.
TEST_F(RepairBookTest, ALostCopyIsMadeAnew) {
  book.begin(A, ONE, 4'000'000, 0);
  book.begin(A, TWO, 4'000'000, 0);
  book.begin(B, ONE, 4'000'000, 0);
  EXPECT_EQ(book.targetsOf(A), (std::vector<NodeId>{ONE, TWO}));
  book.endAll(ONE);
  EXPECT_EQ(book.targetsOf(A), std::vector<NodeId>{TWO});
  EXPECT_EQ(book.targetsOf(B), std::vector<NodeId>());
  EXPECT_EQ(next(0), A.value);
  EXPECT_EQ(next(0), B.value);
  book.endOverdue(RepairBook::COPY_MS + 900);
  EXPECT_EQ(book.copies(), 1U) << "it gets time for its bytes";
  book.endOverdue(RepairBook::COPY_MS + 1100);
  EXPECT_EQ(book.copies(), 0U);
  EXPECT_EQ(book.lost(), 3U);
  EXPECT_EQ(next(0), A.value);
}

// Protects the cluster from a chunk that cannot be copied, tried in a circle.
TEST_F(RepairBookTest, AFailedCopyIsTriedAgainAfterAWhile) {
  std::int64_t nowMs = 0;
  for (const std::int64_t delayMs : {5'000, 10'000, 20'000, 40'000, 60'000, 60'000}) {
    book.begin(A, ONE, 1, nowMs);
    book.review(A, RepairNeed::SHORT);
    book.failed(A, ONE, nowMs);
    book.failed(A, ONE, nowMs);  // told twice
    book.review(A, RepairNeed::SHORT);
    EXPECT_EQ(next(nowMs + delayMs - 1), 0U) << delayMs;
    EXPECT_EQ(next(nowMs + delayMs), A.value) << delayMs;
    nowMs += delayMs;
  }
  book.begin(A, ONE, 1, nowMs);
  EXPECT_TRUE(book.arrived(A, ONE));
  book.begin(A, TWO, 1, nowMs);
  book.failed(A, TWO, nowMs);
  EXPECT_EQ(next(nowMs + 5'000), A.value) << "one that could be made makes up for those before";
}

// Protects a chunk from waiting for an order that is never sent.
TEST_F(RepairBookTest, AnOrderThatIsWithdrawnIsOver) {
  book.begin(A, ONE, 1, 0);
  book.withdraw(A, TWO);
  EXPECT_EQ(book.copies(), 1U);
  book.withdraw(A, ONE);
  EXPECT_EQ(book.copies(), 0U);
  EXPECT_EQ(book.next(0), std::pair(A, RepairNeed::SHORT));
}

TEST_F(RepairBookTest, WhatDoesNotFitIsForgotten) {
  for (std::uint64_t i = 1; i <= RepairBook::CHUNKS_MAX + 10; ++i) {
    book.review(ChunkId(16 * i), RepairNeed::SHORT);
    book.reviewFile(InodeId(i));
  }
  EXPECT_EQ(book.waiting(), RepairBook::CHUNKS_MAX + RepairBook::FILES_MAX);
  EXPECT_EQ(book.nextFile()->file, InodeId(1));
  book.putBack({.file = InodeId(1), .index = 7});
  EXPECT_EQ(book.nextFile()->index, 7U);
  // The last copy of a chunk is not turned away for others.
  const ChunkId urgent(7);
  book.review(urgent, RepairNeed::LAST_COPY);
  EXPECT_EQ(next(0), urgent.value);
}

}  // namespace
}  // namespace cairn::nn
