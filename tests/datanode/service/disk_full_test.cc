// Protects a datanode whose disk is full: that is no damage. It goes on serving and removing what
// it has, says which volume is full, and takes writers again when there is room.
#include <gtest/gtest.h>

#include <cerrno>
#include <string>

#include "tests/datanode/fakes/fixture.h"

namespace cairn::dn {
namespace {

using fakes::DatanodeTest;
using fakes::key;
using fakes::makeChunk;
using fakes::ResumePoint;

class DiskFull : public DatanodeTest {};

TEST_F(DiskFull, TheVolumeStaysInServiceAndTakesWritersAgain) {
  startNodes(1);
  const auto chunk = makeChunk(10'000);
  ASSERT_OK(write({1}, key(1), chunk).result);
  ASSERT_OK(write({1}, key(2), chunk).result);
  ASSERT_VALUE(auto writer, openWriter({1}, key(3), chunk));
  ASSERT_OK(push(writer, chunk.packets[0]).result);
  auto& disk = *machine(1).faulty[0];
  disk.setFull(true);

  const auto refused = push(writer, chunk.packets[1]).result;
  EXPECT_CODE(Code::DISK_FULL, refused);
  EXPECT_NE(testkit::messageOf(refused).find("/disk1"), std::string::npos);
  // A new writer learns at once that there is no room, and where.
  std::uint32_t failedNode = 0;
  const auto opened = openWriter({1}, key(4), chunk, &failedNode);
  EXPECT_CODE(Code::DISK_FULL, opened);
  EXPECT_EQ(failedNode, machine(1).server->node().value);
  EXPECT_NE(testkit::messageOf(opened).find("/disk1"), std::string::npos);
  EXPECT_EQ(machine(1).server->store().volumesInService(), 1U);
  EXPECT_EQ(read(1, key(1)).value(), chunk.plain);

  known(1).orders.push_back([](wire::Command::Builder command) {
    auto list = command.initDeleteReplicas(1);
    list[0].setId(key(2).chunk.value);
    list[0].setGeneration(1);
  });
  pass(master.heartbeatMs + 1);
  pass(master.heartbeatMs + 1);
  EXPECT_TRUE(known(1).removed.contains(key(2)));
  EXPECT_EQ(known(1).volumesFailed, std::vector<bool>{false});

  disk.setFull(false);
  pass(master.heartbeatMs + 1);
  EXPECT_OK(write({1}, key(5), chunk).result);
  // The writer that met the full disk goes on where it was.
  const ResumePoint resume{.generation = 1, .length = chunk.packets[1].offset};
  ASSERT_VALUE(auto again, openWriter({1}, key(3, 2), chunk, nullptr, resume));
  for (std::size_t i = 1; i < chunk.packets.size(); ++i) {
    ASSERT_OK(push(again, chunk.packets[i]).result);
  }
  ASSERT_OK(finish(again, chunk).result);
  EXPECT_EQ(read(1, key(3, 2)).value(), chunk.plain);
}

// Protects good copies from being deleted for a damaged one: which are damaged is noted when there
// is room again, though nobody reads them a second time.
TEST_F(DiskFull, DamageIsNotedWhenThereIsRoomAgain) {
  startNodes(1);
  ASSERT_OK(write({1}, key(1), makeChunk(10'000)).result);
  auto& disk = *machine(1).faulty[0];
  ASSERT_OK(machine(1).disks[0]->flipBit(filesBelow(machine(1), "final").at(0), 8 * 1000));
  disk.setFull(true);
  EXPECT_FALSE(read(1, key(1)).has_value());
  const auto before = disk.count(io::DiskOp::CREATE);
  pass(60'000);
  EXPECT_LE(disk.count(io::DiskOp::CREATE) - before, 12U) << "a full disk is left alone meanwhile";
  disk.setFull(false);
  pass(15'000);
  crash(machine(1), io::CrashLoss::ALL_UNSYNCED);
  master.nodes.at(1).replicas.clear();
  ASSERT_OK(boot(machine(1)));
  waitRegistered(machine(1));
  pass(2 * master.heartbeatMs);
  EXPECT_EQ(known(1).replicas.at(key(1)).state, wire::ReplicaState::DAMAGED);
}

// A disk that says it has room and has none (a quota, say): the next writer gets the other one.
TEST_F(DiskFull, AVolumeThatRefusedAWriteIsPassedOver) {
  startNodes(1, 2);
  const auto chunk = makeChunk(10'000);
  ASSERT_VALUE(auto writer, openWriter({1}, key(1), chunk));
  const bool first = !filesBelow(machine(1), "rbw").empty();
  machine(1).faulty[first ? 0 : 1]->inject(
      {.op = io::DiskOp::WRITE, .forever = true, .errnum = ENOSPC});
  EXPECT_CODE(Code::DISK_FULL, push(writer, chunk.packets[0]).result);
  const auto refusals = machine(1).faulty[first ? 0 : 1]->count(io::DiskOp::WRITE);
  ASSERT_OK(write({1}, key(2), chunk).result);
  EXPECT_EQ(machine(1).faulty[first ? 0 : 1]->count(io::DiskOp::WRITE), refusals);
  EXPECT_EQ(machine(1).server->store().volumesInService(), 2U);
}

}  // namespace
}  // namespace cairn::dn
