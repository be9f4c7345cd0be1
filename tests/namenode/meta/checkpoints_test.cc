// Which groups the log must keep: one that is let go of too early is lost in a crash, one that is
// kept without need makes a restart longer.
#include "namenode/meta/checkpoints.h"

#include <gtest/gtest.h>

namespace cairn::nn {
namespace {

Checkpoints::Sequences at(std::uint64_t dirent, std::uint64_t inode = 0) {
  Checkpoints::Sequences sequences{};
  sequences[indexOf(Table::DIRENT)] = dirent;
  sequences[indexOf(Table::INODE)] = inode;
  return sequences;
}

// Groups 1 to `last`, each with one row in table dirent, numbered like the group.
Checkpoints withGroups(std::uint64_t last) {
  Checkpoints checkpoints;
  for (std::uint64_t n = 1; n <= last; ++n) checkpoints.applied(TxId(n), at(n));
  return checkpoints;
}

// Protects: a group counts as being in files only when each of its rows is.
TEST(CheckpointsTest, AGroupIsCoveredWhenAllTablesAre) {
  Checkpoints checkpoints;
  checkpoints.applied(TxId(1), at(1, 2));
  EXPECT_EQ(checkpoints.covered(at(1, 0)), TxId(0));
  EXPECT_EQ(checkpoints.covered(at(0, 2)), TxId(0));
  EXPECT_EQ(checkpoints.covered(at(1, 2)), TxId(1));
}

// Protects: never more is let go of than what was flushed.
TEST(CheckpointsTest, GroupsAfterTheFlushAreNotCovered) {
  const std::uint64_t every = Checkpoints::MARK_EVERY_GROUPS;
  for (std::uint64_t flushed = 0; flushed < 4 * every; ++flushed) {
    auto checkpoints = withGroups(4 * every);
    const TxId covered = checkpoints.covered(at(flushed));
    EXPECT_LE(covered.value, flushed);
    EXPECT_GE(covered.value + every, flushed);
  }
}

// Protects: after a flush of everything the log knows that it needs nothing of what was there then,
// whatever came while the flush was under way. (Without that no second flush was asked for, and the
// log grew to eight times its bound.)
TEST(CheckpointsTest, AFlushOfEverythingCoversEverythingBeforeIt) {
  for (std::uint64_t last = 1; last <= 2 * Checkpoints::MARK_EVERY_GROUPS; ++last) {
    auto checkpoints = withGroups(last);
    checkpoints.seal();
    checkpoints.applied(TxId(last + 1), at(last + 1));
    EXPECT_EQ(checkpoints.covered(at(last)), TxId(last));
  }
}

}  // namespace
}  // namespace cairn::nn
