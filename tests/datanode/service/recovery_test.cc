// Protects files whose writer is gone, and those that are cut: after a recovery all replicas hold
// the same bytes, every acknowledged one among them; whatever fails or crashes in between, and
// however many recoveries are at it.
#include <gtest/gtest.h>

#include <cerrno>

#include "common/io/disk_ops.h"
#include "tests/datanode/fakes/fixture.h"

namespace cairn::dn {
namespace {

using fakes::DatanodeTest;
using fakes::key;
using fakes::makeChunk;
using fakes::ResumePoint;
using fakes::TestChunk;
using wire::UnfinishedState;

class Recovery : public DatanodeTest {
protected:
  // Leaves unfinished replicas with the first `packets` packets on these nodes.
  void leave(const std::vector<unsigned>& nodes, ReplicaKey key, const TestChunk& chunk,
             std::size_t packets) {
    ASSERT_VALUE(auto writer, openWriter(nodes, key, chunk));
    for (std::size_t i = 0; i < packets; ++i) ASSERT_OK(push(writer, chunk.packets[i]).result);
    ASSERT_OK(sync(writer).result);
  }
  void reboot(unsigned number) {
    ASSERT_OK(boot(machine(number)));
    waitRegistered(machine(number));
    pass(1);
  }
  // The bytes of the only final file.
  std::string finalFile(unsigned number) {
    const auto files = filesBelow(machine(number), "final");
    if (files.size() != 1) return std::to_string(files.size()) + " files";
    return io::readWholeFile(*machine(number).disks[0], files[0], 1 << 20).value();
  }
  void orderRecovery(unsigned primary, ReplicaKey key, std::uint64_t newGeneration,
                     const std::vector<unsigned>& nodes, std::optional<std::uint64_t> cut = {},
                     std::uint64_t least = 0, const std::vector<unsigned>& older = {},
                     bool withoutLost = false) {
    known(primary).orders.push_back([=, this](wire::Command::Builder command) {
      auto order = command.initRecoverChunk();
      order.getChunk().setId(key.chunk.value);
      order.getChunk().setGeneration(key.generation.value);
      order.setNewGeneration(newGeneration);
      auto list = order.initNodes(static_cast<unsigned>(nodes.size()));
      for (unsigned i = 0; i < list.size(); ++i) {
        list[i].setNode(nodes[i]);
        list[i].setAddress(machine(nodes[i]).address());
      }
      if (cut) {
        order.setCut(true);
        order.setLength(*cut);
      }
      order.setLeast(least);
      order.setOldest(1);
      order.setWithoutLost(withoutLost);
      auto others = order.initOlder(static_cast<unsigned>(older.size()));
      for (unsigned i = 0; i < others.size(); ++i) {
        others[i].setNode(older[i]);
        others[i].setAddress(machine(older[i]).address());
      }
    });
    pass(master.heartbeatMs + 1);
  }
};

TEST_F(Recovery, AskedItTellsWhatIsHereAndEndsTheWriter) {
  startNodes(1);
  const auto chunk = makeChunk(6000);
  EXPECT_CODE(Code::NOT_FOUND, initRecovery(1, key(1), 2));
  ASSERT_VALUE(auto writer, openWriter({1}, key(2, 1), chunk));
  ASSERT_OK(push(writer, chunk.packets[0]).result);
  EXPECT_EQ(initRecovery(1, key(2), 2).value(),
            std::pair(chunk.packets[1].offset, UnfinishedState::WRITING));
  EXPECT_FALSE(push(writer, chunk.packets[1]).result.has_value());
  ASSERT_OK(write({1}, key(3), chunk).result);
  EXPECT_EQ(initRecovery(1, key(3), 2).value(),
            std::pair(std::uint64_t{6000}, UnfinishedState::FINAL));
  crash(machine(1), io::CrashLoss::NOTHING);
  reboot(1);
  EXPECT_EQ(initRecovery(1, key(2), 3).value(),
            std::pair(chunk.packets[1].offset, UnfinishedState::WAITING));
  EXPECT_CODE(Code::INVALID_ARGUMENT, initRecovery(1, key(2), 1));
}

// Two primaries at once, or a writer that does not know that it is dead: the newest generation
// wins, the others are told.
TEST_F(Recovery, OnlyTheNewestRecoveryIsObeyed) {
  startNodes(1);
  const auto chunk = makeChunk(6000);
  leave({1}, key(1), chunk, 2);
  ASSERT_OK(initRecovery(1, key(1), 5));
  EXPECT_CODE(Code::STALE, initRecovery(1, key(1), 4));
  EXPECT_CODE(Code::STALE, recoverReplica(1, key(1), 4, 512));
  EXPECT_CODE(Code::STALE, openWriter({1}, key(1, 3), chunk, nullptr,
                                      ResumePoint{.generation = 1, .length = 0}));
  ASSERT_OK(initRecovery(1, key(1), 6));
  EXPECT_CODE(Code::STALE, recoverReplica(1, key(1), 5, 512));
  ASSERT_OK(recoverReplica(1, key(1), 6, 1024));
  EXPECT_EQ(read(1, key(1, 6)).value(), chunk.plain.substr(0, 1024));
  // Again is no change; otherwise than before is none either.
  ASSERT_OK(recoverReplica(1, key(1), 6, 1024));
  EXPECT_CODE(Code::INVALID_ARGUMENT, recoverReplica(1, key(1), 6, 512));
  EXPECT_CODE(Code::STALE, recoverReplica(1, key(1), 5, 512));
  // Without a promise, after a restart, the name alone refuses.
  crash(machine(1), io::CrashLoss::ALL_UNSYNCED);
  reboot(1);
  EXPECT_CODE(Code::STALE, recoverReplica(1, key(1), 5, 512));
}

// Cut at every kind of place, from every kind of replica: the files are equal byte for byte, and
// good.
TEST_F(Recovery, ReplicasOfOneLengthAreEqualFiles) {
  const auto chunk = makeChunk(6000);
  for (const std::uint64_t length : {1UL, 511UL, 512UL, 513UL, 1500UL, 2048UL, 4000UL, 4096UL}) {
    machines.clear();
    loop.settle();
    master = {};
    startNodes(3);
    ASSERT_OK(write({1}, key(1), chunk).result);  // final
    leave({2}, key(1), chunk, 2);                 // 4096 bytes, its writer gone
    leave({3}, key(1), chunk, 3);                 // and found after a restart
    crash(machine(3), io::CrashLoss::NOTHING);
    reboot(3);
    for (unsigned i : {1U, 2U, 3U}) {
      ASSERT_OK(initRecovery(i, key(1), 2));
      EXPECT_OK(recoverReplica(i, key(1), 2, length));
      EXPECT_EQ(read(i, key(1, 2)).value(), chunk.plain.substr(0, length));
      EXPECT_TRUE(filesBelow(machine(i), "rbw").empty());
      EXPECT_TRUE(filesBelow(machine(i), "tmp").empty());
      EXPECT_EQ(finalFile(i), finalFile(1)) << "node " << i << ", length " << length;
      EXPECT_EQ(checksum(i, key(1, 2), UINT64_MAX).value().first,
                makeChunk(length).digest.md5().toString());
    }
    EXPECT_CODE(Code::INVALID_ARGUMENT, recoverReplica(1, key(1), 3, 6001));
    EXPECT_EQ(read(1, key(1, 2)).value(), chunk.plain.substr(0, length));
  }
}

TEST_F(Recovery, NoByteThatIsKeptIsLostWhicheverCallFails) {
  const auto chunk = makeChunk(6000);
  startNodes(1);
  std::uint64_t number = 0;
  unsigned failures = 0;
  for (const std::uint64_t length : {1500UL, 2048UL}) {
    for (const bool sealed : {false, true}) {
      for (auto op : {io::DiskOp::WRITE, io::DiskOp::TRUNCATE, io::DiskOp::CREATE, io::DiskOp::SYNC,
                      io::DiskOp::RENAME, io::DiskOp::SYNC_DIR}) {
        for (std::uint64_t nth = 1;; ++nth) {
          const auto at = key(++number);
          ASSERT_LT(nth, 20U);
          if (sealed) {
            ASSERT_OK(write({1}, at, chunk).result);
          } else {
            leave({1}, at, chunk, 2);
          }
          loop.settle();
          machine(1).faulty[0]->inject({.op = op, .nth = nth, .errnum = EIO});
          const auto recovered = recoverReplica(1, at, 2, length);
          machine(1).faulty[0]->heal();
          crash(machine(1), io::CrashLoss::RANDOM_SUFFIX);
          reboot(1);
          auto plain = read(1, key(number, 2));
          if (recovered.has_value()) ASSERT_EQ(plain.value().size(), length);
          if (!plain.has_value()) plain = read(1, at);
          ASSERT_OK(plain);
          EXPECT_GE(plain->size(), length);
          EXPECT_EQ(*plain, chunk.plain.substr(0, plain->size()));
          // Another one gets through.
          ASSERT_OK(recoverReplica(1, at, 3, length));
          EXPECT_EQ(read(1, key(number, 3)).value(), chunk.plain.substr(0, length));
          if (recovered.has_value()) break;
          ++failures;
        }
      }
    }
  }
  EXPECT_GE(failures, 20U);
}

// --- The primary ---

TEST_F(Recovery, ThePrimaryBringsAllNodesToTheSameEnd) {
  startNodes(3);
  const auto chunk = makeChunk(6000);
  leave({1}, key(1), chunk, 1);
  leave({2}, key(1), chunk, 2);
  leave({3}, key(1), chunk, 3);
  orderRecovery(2, key(1), 7, {1, 2, 3});
  ASSERT_EQ(master.recoveries.size(), 1U);
  const auto& recovery = master.recoveries[0];
  EXPECT_EQ(recovery.chunk, key(1));
  EXPECT_EQ(recovery.newGeneration, 7U);
  EXPECT_EQ(recovery.length, chunk.packets[1].offset);
  EXPECT_EQ(recovery.sealed.size(), 3U);
  for (unsigned i : {1U, 2U, 3U}) {
    EXPECT_EQ(read(i, key(1, 7)).value(), chunk.plain.substr(0, recovery.length));
    EXPECT_EQ(finalFile(i), finalFile(1));
    EXPECT_EQ(recovery.sealed.at(i), finalFile(i).size());
  }
  pass(master.heartbeatMs + 1);
  EXPECT_EQ(known(1).replicas.at(key(1, 7)).state, wire::ReplicaState::FINAL);
  EXPECT_FALSE(known(1).replicas.contains(key(1, 1)));
}

TEST_F(Recovery, ADeadNodeIsLeftOutAndAnEmptyChunkIsCommittedAsNothing) {
  startNodes(3);
  const auto chunk = makeChunk(6000);
  leave({1, 2, 3}, key(1), chunk, 2);
  machine(3).server->dropDead();
  orderRecovery(1, key(1), 7, {1, 2, 3});
  pass(30'000);
  ASSERT_EQ(master.recoveries.size(), 1U);
  EXPECT_EQ(master.recoveries[0].sealed.size(), 2U);
  // A silent node might have it.
  orderRecovery(1, key(2), 7, {1, 3});
  pass(30'000);
  EXPECT_EQ(master.recoveries.size(), 1U);
  orderRecovery(1, key(2), 8, {1, 2});
  ASSERT_EQ(master.recoveries.size(), 2U);
  EXPECT_TRUE(master.recoveries[1].sealed.empty());
  EXPECT_EQ(master.recoveries[1].length, 0U);
}

// A node that takes the question and never answers, because its disk hangs under a writer: the
// others go on without it, within the time a question may take.
TEST_F(Recovery, ANodeThatStallsIsLeftOut) {
  startNodes(3);
  const auto chunk = makeChunk(6000);
  leave({1}, key(1), chunk, 2);
  leave({2}, key(1), chunk, 2);
  ASSERT_VALUE(auto stuck, openWriter({3}, key(1), chunk));
  ASSERT_OK(push(stuck, chunk.packets[0]).result);
  machine(3).pool.freeze();
  auto unanswered = send(stuck, chunk.packets[1]);
  orderRecovery(1, key(1), 7, {1, 2, 3});
  pass(12'000);
  ASSERT_EQ(master.recoveries.size(), 1U);
  EXPECT_EQ(master.recoveries[0].length, chunk.packets[2].offset);
  EXPECT_EQ(master.recoveries[0].sealed.size(), 2U);
  for (unsigned i : {1U, 2U}) {
    EXPECT_EQ(read(i, key(1, 7)).value(), chunk.plain.substr(0, chunk.packets[2].offset));
  }
}

// Protects what was promised from a replica that has lost some of it: no other one is cut to it,
// and where nobody has as much nothing changes anywhere.
TEST_F(Recovery, NoReplicaIsCutBelowWhatWasPromised) {
  startNodes(3);
  const auto chunk = makeChunk(6000);
  leave({1}, key(1), chunk, 1);
  leave({2, 3}, key(1), chunk, 2);
  const auto promised = chunk.packets[2].offset;
  orderRecovery(2, key(1), 7, {1, 2, 3}, {}, promised + 1);
  EXPECT_TRUE(master.recoveries.empty());
  for (unsigned i : {1U, 2U, 3U}) {
    EXPECT_TRUE(filesBelow(machine(i), "final").empty()) << i;
    EXPECT_EQ(stat(i, key(1)).value(), std::pair(chunk.packets[i == 1 ? 1 : 2].offset, false)) << i;
  }
  // One that an attempt which was refused has made final is no other.
  ASSERT_OK(recoverReplica(1, key(1), 8, 512));
  orderRecovery(2, key(1), 9, {1, 2, 3}, {}, promised);
  ASSERT_EQ(master.recoveries.size(), 1U);
  EXPECT_EQ(master.recoveries[0].length, promised);
  EXPECT_EQ(master.recoveries[0].sealed.size(), 2U);
  for (unsigned i : {2U, 3U}) {
    EXPECT_EQ(read(i, key(1, 9)).value(), chunk.plain.substr(0, promised));
  }
}

// Protects a closed chunk whose append has lost its node: copies from before become copies of the
// new generation; and what was written since, where a node has it.
TEST_F(Recovery, CopiesFromBeforeAreUsedWhenNoOtherHasEnough) {
  startNodes(3);
  const auto chunk = makeChunk(6000);
  ASSERT_OK(write({2}, key(1), chunk).result);
  ASSERT_OK(write({2}, key(2), chunk).result);
  leave({1}, key(1, 3), chunk, 1);
  leave({1}, key(2, 3), chunk, chunk.packets.size());
  orderRecovery(1, key(1, 3), 7, {1}, {}, 6000, {2, 3});
  ASSERT_EQ(master.recoveries.size(), 1U);
  EXPECT_EQ(master.recoveries[0].length, 6000U);
  EXPECT_EQ(master.recoveries[0].sealed.size(), 1U);
  EXPECT_TRUE(master.recoveries[0].sealed.contains(2));
  EXPECT_EQ(read(2, key(1, 7)).value(), chunk.plain);
  EXPECT_EQ(stat(1, key(1, 3)).value(), std::pair(chunk.packets[1].offset, false));
  orderRecovery(1, key(2, 3), 7, {1}, {}, 6000, {2});
  ASSERT_EQ(master.recoveries.size(), 2U);
  EXPECT_TRUE(master.recoveries[1].sealed.contains(1));
  EXPECT_FALSE(master.recoveries[1].sealed.contains(2));
}

// Protects what a volume that has failed may have still: as long as it is waited for, nothing older
// takes its place, and nobody believes that there was nothing.
TEST_F(Recovery, AReplicaThatIsLostWithItsVolumeIsWaitedFor) {
  startNodes(1, 2);
  machines.push_back(std::make_unique<fakes::Machine>(2, 1));
  reboot(2);
  const auto chunk = makeChunk(6000);
  ASSERT_OK(write({2}, key(1), chunk).result);
  machine(1).faulty[1]->setFull(true);
  pass(master.heartbeatMs + 1);
  leave({1}, key(1, 3), chunk, 1);
  leave({1}, key(2, 3), chunk, 1);
  machine(1).faulty[0]->inject({.op = io::DiskOp::SYNC});
  ASSERT_FALSE(recoverReplica(1, key(1, 3), 4, 512).has_value());
  pass(1);
  orderRecovery(2, key(2, 3), 7, {1, 2});
  orderRecovery(2, key(1, 3), 7, {1}, {}, 6000, {2});
  EXPECT_TRUE(master.recoveries.empty());
  orderRecovery(2, key(2, 3), 8, {1, 2}, {}, 0, {}, true);
  ASSERT_EQ(master.recoveries.size(), 1U);
  EXPECT_TRUE(master.recoveries[0].sealed.empty());
  orderRecovery(2, key(1, 3), 8, {1}, {}, 6000, {2}, true);
  ASSERT_EQ(master.recoveries.size(), 2U);
  EXPECT_EQ(master.recoveries[1].length, 6000U);
  EXPECT_TRUE(master.recoveries[1].sealed.contains(2));
}

// Protects what others have from a replica that is damaged in its middle: how far it is good says
// nothing of what its writer was told.
TEST_F(Recovery, NoReplicaIsCutToWhatADamagedOneHas) {
  startNodes(2);
  const auto chunk = makeChunk(6000);
  leave({1, 2}, key(1), chunk, 2);
  crash(machine(1), io::CrashLoss::NOTHING);
  ASSERT_OK(machine(1).disks[0]->flipBit(rbwPathOf(key(1)), 8 * 400));
  reboot(1);
  const auto damaged = initRecovery(1, key(1), 2).value();
  ASSERT_LT(damaged.first, chunk.packets[1].offset);
  ASSERT_GT(damaged.first, 0U);
  crash(machine(2), io::CrashLoss::NOTHING);
  reboot(2);
  orderRecovery(1, key(1), 7, {1, 2});
  ASSERT_EQ(master.recoveries.size(), 1U);
  EXPECT_EQ(master.recoveries[0].length, chunk.packets[2].offset);
  EXPECT_EQ(master.recoveries[0].sealed.size(), 1U);
  EXPECT_EQ(read(2, key(1, 7)).value(), chunk.plain.substr(0, chunk.packets[2].offset));
}

TEST_F(Recovery, AChunkIsCutInsideAFrameOnEveryNode) {
  startNodes(2);
  const auto chunk = makeChunk(6000);
  ASSERT_OK(write({1, 2}, key(1), chunk).result);
  orderRecovery(2, key(1), 7, {1, 2}, 1000);
  ASSERT_EQ(master.recoveries.size(), 1U);
  EXPECT_EQ(master.recoveries[0].length, 1000U);
  EXPECT_EQ(finalFile(1), finalFile(2));
  EXPECT_EQ(read(1, key(1, 7)).value(), chunk.plain.substr(0, 1000));
}

// --- Copies ---

TEST_F(Recovery, ANodeThatJoinsAPipelineGetsWhatIsThere) {
  startNodes(3);
  const auto chunk = makeChunk(6000);
  ASSERT_VALUE(auto old, openWriter({1, 2}, key(1), chunk));
  for (unsigned i = 0; i < 2; ++i) ASSERT_OK(push(old, chunk.packets[i]).result);
  const auto length = chunk.packets[2].offset;
  EXPECT_CODE(Code::INVALID_ARGUMENT, fetchReplica(3, 1, key(1), length - 1));
  EXPECT_CODE(Code::INVALID_ARGUMENT, fetchReplica(3, 1, key(1), length + 1));
  EXPECT_TRUE(filesBelow(machine(3), "rbw").empty());
  EXPECT_TRUE(filesBelow(machine(3), "tmp").empty());
  ASSERT_OK(fetchReplica(3, 1, key(1), length));
  ASSERT_OK(fetchReplica(3, 1, key(1), length));  // the answer was lost
  crash(machine(3), io::CrashLoss::ALL_UNSYNCED);
  reboot(3);
  EXPECT_EQ(read(3, key(1)).value(), chunk.plain.substr(0, length));
  ASSERT_VALUE(auto writer, openWriter({1, 3}, key(1, 2), chunk, nullptr,
                                       ResumePoint{.generation = 1, .length = length}));
  for (std::size_t i = 2; i < chunk.packets.size(); ++i) {
    ASSERT_OK(push(writer, chunk.packets[i]).result);
  }
  ASSERT_OK(finish(writer, chunk).result);
  EXPECT_EQ(read(3, key(1, 2)).value(), chunk.plain);
}

// Protects what readers have seen: a node that has joined with more than the writer goes on from
// keeps it, or the recovery of the chunk would cut the others to what it has.
TEST_F(Recovery, ANodeThatJoinsKeepsWhatItCopied) {
  startNodes(3);
  const auto chunk = makeChunk(8000);
  ASSERT_VALUE(auto old, openWriter({1, 2}, key(1), chunk));
  for (unsigned i = 0; i < 3; ++i) ASSERT_OK(push(old, chunk.packets[i]).result);
  const auto shown = chunk.packets[3].offset;
  ASSERT_OK(fetchReplica(3, 1, key(1), shown));
  ASSERT_VALUE(auto writer,
               openWriter({1, 3}, key(1, 2), chunk, nullptr,
                          ResumePoint{.generation = 1, .length = chunk.packets[1].offset}));
  for (unsigned i : {1U, 3U}) {
    EXPECT_EQ(read(i, key(1, 2)).value(), chunk.plain.substr(0, shown)) << i;
  }
  orderRecovery(1, key(1, 2), 7, {1, 3});
  ASSERT_EQ(master.recoveries.size(), 1U);
  EXPECT_EQ(master.recoveries[0].length, shown);
}

// Half a copy counted among the unfinished replicas would decide, in a recovery, that the other
// half is lost for all.
TEST_F(Recovery, AHalfCopiedReplicaIsNobodys) {
  startNodes(2);
  const auto chunk = makeChunk(3 << 20, 1, 65536, 4);
  chunkSize = 4 << 20;
  ASSERT_OK(write({1}, key(1), chunk).result);
  machine(1).faulty[0]->inject({.op = io::DiskOp::READ, .nth = 3, .forever = true});
  EXPECT_FALSE(fetchReplica(2, 1, key(1), chunk.plain.size()).has_value());
  EXPECT_CODE(Code::NOT_FOUND, initRecovery(2, key(1), 2));
  loop.settle();
  EXPECT_TRUE(filesBelow(machine(2), "tmp").empty());
}

}  // namespace
}  // namespace cairn::dn
