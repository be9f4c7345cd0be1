// Protects acknowledged bytes: what finish() or sync() answered is there after any crash, what a
// crash left half-written is cut at its first bad frame, and nothing wrong is ever read.
#include <gtest/gtest.h>

#include <cerrno>

#include "common/format/chunk_header.h"
#include "common/io/disk_ops.h"
#include "tests/datanode/fakes/fixture.h"

namespace cairn::dn {
namespace {

using fakes::DatanodeTest;
using fakes::key;
using fakes::makeChunk;

class Crash : public DatanodeTest {
protected:
  void reboot(unsigned number) {
    ASSERT_OK(boot(machine(number)));
    waitRegistered(machine(number));
    pass(1);
  }
};

TEST_F(Crash, ASealedReplicaSurvivesThePowerFailureRightAfterItsAnswer) {
  startNodes(2);
  const auto chunk = makeChunk(10'000);
  ASSERT_OK(write({1, 2}, key(1), chunk).result);
  for (unsigned i : {1U, 2U}) {
    crash(machine(i), io::CrashLoss::ALL_UNSYNCED);
    reboot(i);
    ASSERT_VALUE(auto plain, read(i, key(1)));
    EXPECT_EQ(plain, chunk.plain);
  }
}

TEST_F(Crash, TheIdentityOfTheFirstRegistrationSurvives) {
  startNodes(1);
  const auto uuid = known(1).uuid;
  crash(machine(1), io::CrashLoss::ALL_UNSYNCED);
  reboot(1);
  EXPECT_EQ(machine(1).server->node(), NodeId(1));
  EXPECT_EQ(known(1).uuid, uuid);
}

TEST_F(Crash, SyncedBytesOfAnUnfinishedReplicaAreKeptAndReported) {
  startNodes(1);
  const auto chunk = makeChunk(10'000);
  ASSERT_VALUE(auto writer, openWriter({1}, key(1), chunk));
  ASSERT_OK(push(writer, chunk.packets[0]).result);
  ASSERT_OK(push(writer, chunk.packets[1]).result);
  ASSERT_OK(sync(writer).result);
  ASSERT_OK(push(writer, chunk.packets[2]).result);
  crash(machine(1), io::CrashLoss::ALL_UNSYNCED);
  reboot(1);
  ASSERT_TRUE(known(1).replicas.contains(key(1)));
  EXPECT_EQ(known(1).replicas.at(key(1)).state, wire::ReplicaState::RBW);
  EXPECT_EQ(known(1).replicas.at(key(1)).length, chunk.packets[2].offset);
  // Its good frames can be read; it must not be begun a second time.
  EXPECT_EQ(read(1, key(1)).value(), chunk.plain.substr(0, chunk.packets[2].offset));
  EXPECT_CODE(Code::ALREADY_EXISTS, openWriter({1}, key(1), chunk));
}

TEST_F(Crash, AKilledProcessLeavesWhatItHadWritten) {
  startNodes(1);
  const auto chunk = makeChunk(10'000);
  ASSERT_VALUE(auto writer, openWriter({1}, key(1), chunk));
  ASSERT_OK(push(writer, chunk.packets[0]).result);
  crash(machine(1), io::CrashLoss::NOTHING);
  reboot(1);
  EXPECT_EQ(known(1).replicas.at(key(1)).length, chunk.packets[0].plainLength);
}

TEST_F(Crash, ATornTailIsCutOff) {
  startNodes(1);
  const auto chunk = makeChunk(10'000);  // frames of 512 bytes, 4 a packet
  ASSERT_VALUE(auto writer, openWriter({1}, key(1), chunk));
  for (unsigned i = 0; i < 2; ++i) ASSERT_OK(push(writer, chunk.packets[i]).result);
  crash(machine(1), io::CrashLoss::NOTHING);
  const auto path = rbwPathOf(key(1));
  const auto size = machine(1).disks[0]->statIfExists(path).value()->sizeBytes;
  ASSERT_OK(machine(1).disks[0]->flipBit(path, (size - 1) * 8));  // in the last frame
  reboot(1);
  const auto length = chunk.packets[2].offset - 512;
  EXPECT_EQ(known(1).replicas.at(key(1)).length, length);
  EXPECT_EQ(known(1).replicas.at(key(1)).state, wire::ReplicaState::RBW);
  EXPECT_LT(machine(1).disks[0]->statIfExists(path).value()->sizeBytes, size);
  EXPECT_EQ(read(1, key(1)).value(), chunk.plain.substr(0, length));
  // And the cut is durable: a second crash finds the same.
  crash(machine(1), io::CrashLoss::ALL_UNSYNCED);
  reboot(1);
  EXPECT_EQ(known(1).replicas.at(key(1)).length, length);
}

// Protects acknowledged bytes behind a damaged frame: that is no torn tail. The file stays as it
// is, the namenode is told, what is before the damage is read, and the replica can be written on or
// recovered from there.
TEST_F(Crash, NothingIsCutOffWhereGoodFramesFollow) {
  const auto chunk = makeChunk(10'000);
  // In the header of the second packet's first frame, and in its payload.
  for (const std::size_t at : {std::size_t{1}, std::size_t{40}}) {
    machines.clear();
    loop.settle();
    master = {};
    startNodes(1);
    ASSERT_VALUE(auto writer, openWriter({1}, key(1), chunk));
    for (unsigned i = 0; i < 3; ++i) ASSERT_OK(push(writer, chunk.packets[i]).result);
    ASSERT_OK(sync(writer).result);
    crash(machine(1), io::CrashLoss::NOTHING);
    const auto path = rbwPathOf(key(1));
    const auto bad = format::CHUNK_HEADER_BYTES + chunk.packets[0].frames.size() + at;
    ASSERT_OK(machine(1).disks[0]->flipBit(path, bad * 8));
    const auto before = io::readWholeFile(*machine(1).disks[0], path, 1 << 20).value();
    for (int life = 0; life < 2; ++life) {
      reboot(1);
      EXPECT_EQ(known(1).replicas.at(key(1)).length, chunk.packets[1].offset);
      EXPECT_EQ(known(1).replicas.at(key(1)).state, wire::ReplicaState::DAMAGED);
      EXPECT_EQ(io::readWholeFile(*machine(1).disks[0], path, 1 << 20).value(), before);
      EXPECT_EQ(read(1, key(1)).value(), chunk.plain.substr(0, chunk.packets[1].offset));
      if (life == 0) crash(machine(1), io::CrashLoss::ALL_UNSYNCED);
    }
    ASSERT_VALUE(
        writer, openWriter({1}, key(1, 2), chunk, nullptr,
                           fakes::ResumePoint{.generation = 1, .length = chunk.packets[1].offset}));
    for (unsigned i = 1; i < chunk.packets.size(); ++i) {
      ASSERT_OK(push(writer, chunk.packets[i]).result);
    }
    ASSERT_OK(finish(writer, chunk).result);
    EXPECT_EQ(read(1, key(1, 2)).value(), chunk.plain);
  }
}

// Protects against bytes that never reached the disk and are in the system's cache all the same, as
// after an fsync that failed: after a restart the disk is asked.
TEST_F(Crash, WhatIsInTheCacheAloneIsNotTrusted) {
  startNodes(1);
  const auto chunk = makeChunk(10'000);
  ASSERT_VALUE(auto writer, openWriter({1}, key(1), chunk));
  for (unsigned i = 0; i < 2; ++i) ASSERT_OK(push(writer, chunk.packets[i]).result);
  crash(machine(1), io::CrashLoss::NOTHING);
  const auto path = rbwPathOf(key(1));
  const auto cached = io::readWholeFile(*machine(1).disks[0], path, 1 << 20).value();
  ASSERT_OK(machine(1).disks[0]->flipBit(path, (cached.size() - 1) * 8));
  machine(1).faulty[0]->holdInCache(path, cached);
  reboot(1);
  EXPECT_EQ(known(1).replicas.at(key(1)).length, chunk.packets[2].offset - 512);
}

TEST_F(Crash, AnUnfinishedReplicaWithoutAGoodHeaderIsPutAside) {
  startNodes(1);
  const auto chunk = makeChunk(3000);
  ASSERT_VALUE(auto writer, openWriter({1}, key(1), chunk));
  ASSERT_OK(push(writer, chunk.packets[0]).result);
  crash(machine(1), io::CrashLoss::NOTHING);
  ASSERT_OK(machine(1).disks[0]->flipBit(rbwPathOf(key(1)), 3));
  reboot(1);
  EXPECT_FALSE(known(1).replicas.contains(key(1)));
  EXPECT_EQ(known(1).quarantined, 1U);
  EXPECT_EQ(filesBelow(machine(1), "quarantine").size(), 1U);
}

// Whatever call of the disk fails while a replica is written: if the answer was yes, the bytes are
// there after a power failure; if it was no, nothing wrong is served.
TEST_F(Crash, AnAcknowledgedReplicaIsThereWhicheverCallFailed) {
  const auto chunk = makeChunk(6000);
  unsigned failures = 0;
  std::uint64_t number = 0;
  startNodes(1);
  for (auto op : {io::DiskOp::CREATE, io::DiskOp::WRITE, io::DiskOp::SYNC, io::DiskOp::RENAME,
                  io::DiskOp::SYNC_DIR}) {
    for (std::uint64_t nth = 1;; ++nth) {
      const auto at = key(++number);
      auto& disk = *machine(1).faulty[0];
      disk.inject({.op = op, .nth = nth, .errnum = EIO});
      const auto answer = write({1}, at, chunk);
      disk.heal();
      crash(machine(1), io::CrashLoss::ALL_UNSYNCED);
      reboot(1);
      const auto plain = read(1, at);
      if (plain.has_value()) EXPECT_EQ(*plain, chunk.plain);
      if (answer.result.has_value()) {
        EXPECT_OK(plain);
        break;  // the nth call was not needed any more
      }
      // A datanode without a volume left hangs up, perhaps before it has answered.
      if (answer.result.error().code() != Code::UNAVAILABLE) EXPECT_EQ(answer.failedNode, 1U);
      ++failures;
    }
  }
  EXPECT_GE(failures, 8U);  // a create, a header, packets and a footer, a sync, a rename, two dirs
}

}  // namespace
}  // namespace cairn::dn
