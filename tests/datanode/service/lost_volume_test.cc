// Protects what was shown and synced of a file that is being written from the failure of a volume:
// whoever asks for a replica that lay there is told so, and does not take it for one that has not
// been written yet.
#include <gtest/gtest.h>

#include "common/io/disk_ops.h"
#include "tests/datanode/fakes/fixture.h"

namespace cairn::dn {
namespace {

using fakes::DatanodeTest;
using fakes::key;
using fakes::makeChunk;
using fakes::ResumePoint;
using fakes::TestChunk;

// One datanode with two volumes; the replicas of a test go to the first, which fails.
class LostVolume : public DatanodeTest {
protected:
  void SetUp() override {
    startNodes(1, 2);
    onlyOn(0);
  }
  void onlyOn(std::size_t volume) {
    machine(1).faulty[volume]->setFull(false);
    machine(1).faulty[1 - volume]->setFull(true);
    pass(master.heartbeatMs + 1);
  }
  // A synced, unfinished replica whose writer is gone.
  void leave(ReplicaKey key) {
    ASSERT_VALUE(auto writer, openWriter({1}, key, chunk));
    ASSERT_OK(push(writer, chunk.packets[0]).result);
    ASSERT_OK(sync(writer).result);
  }
  // The first volume fails, under a writer of some chunk.
  void failVolume() {
    ASSERT_VALUE(auto writer, openWriter({1}, key(99), chunk));
    ASSERT_OK(push(writer, chunk.packets[0]).result);
    machine(1).faulty[1]->setFull(false);
    machine(1).faulty[0]->inject({.op = io::DiskOp::SYNC, .forever = true});
    ASSERT_FALSE(sync(writer).result.has_value());
    pass(master.heartbeatMs + 1);
    ASSERT_TRUE(known(1).volumesFailed.at(0));
    ASSERT_FALSE(known(1).volumesFailed.at(1));
  }
  void reboot() {
    crash(machine(1), io::CrashLoss::NOTHING);
    ASSERT_OK(boot(machine(1)));
    waitRegistered(machine(1));
    pass(1);
  }
  // Its directory cannot be read from now on.
  void breakFirst() { machine(1).faulty[0]->inject({.op = io::DiskOp::STAT, .forever = true}); }
  void mendFirst() { machine(1).faulty[0]->heal(); }
  // Else it says that there is none.
  bool isLost(ReplicaKey key) {
    const auto found = initRecovery(1, key, 1000 + ++asked);
    const auto shown = stat(1, key);
    EXPECT_FALSE(found.has_value());
    EXPECT_FALSE(shown.has_value());
    if (found.has_value() || shown.has_value()) return false;
    EXPECT_EQ(found.error().code(), shown.error().code());
    if (found.error().code() != Code::UNAVAILABLE) EXPECT_CODE(Code::NOT_FOUND, found);
    return found.error().code() == Code::UNAVAILABLE;
  }

  const TestChunk chunk = makeChunk(6000);
  std::uint64_t asked = 0;
};

TEST_F(LostVolume, WhoAsksForAReplicaThatLayThereIsToldSo) {
  leave(key(1));
  onlyOn(1);
  leave(key(2));
  onlyOn(0);
  ASSERT_VALUE(auto empty, openWriter({1}, key(4), chunk));
  failVolume();
  EXPECT_CODE(Code::UNAVAILABLE, read(1, key(1)));
  EXPECT_CODE(Code::UNAVAILABLE, recoverReplica(1, key(1), 7, 1));
  EXPECT_CODE(Code::UNAVAILABLE, openWriter({1}, key(1, 8), chunk, nullptr,
                                            ResumePoint{.generation = 1, .length = 0}));
  EXPECT_TRUE(isLost(key(1)));
  EXPECT_TRUE(isLost(key(99)));
  // Others are what they are.
  EXPECT_OK(stat(1, key(2)));
  EXPECT_FALSE(isLost(key(3)));
  EXPECT_FALSE(isLost(key(1, 2)));
  EXPECT_FALSE(isLost(key(4)));
}

// A chunk that its writer has finished may not be on record as that yet.
TEST_F(LostVolume, FinishedOnesAreRememberedToo) {
  ASSERT_OK(write({1}, key(1), chunk).result);
  failVolume();
  EXPECT_TRUE(isLost(key(1)));
}

TEST_F(LostVolume, ADeleteOrderIsTheEndOfIt) {
  leave(key(1));
  failVolume();
  ASSERT_TRUE(isLost(key(1)));
  known(1).orders.push_back([](wire::Command::Builder command) {
    auto list = command.initDeleteReplicas(1);
    list[0].setId(key(1).chunk.value);
    list[0].setGeneration(1);
  });
  pass(master.heartbeatMs + 1);
  pass(1);
  EXPECT_FALSE(isLost(key(1)));
}

TEST_F(LostVolume, ACopyThatComesInItsPlaceIsServed) {
  leave(key(1));
  failVolume();
  machines.push_back(std::make_unique<fakes::Machine>(2, 1));
  ASSERT_OK(boot(machine(2)));
  waitRegistered(machine(2));
  ASSERT_VALUE(auto writer, openWriter({2}, key(1), chunk));
  ASSERT_OK(push(writer, chunk.packets[0]).result);
  ASSERT_OK(fetchReplica(1, 2, key(1), chunk.packets[1].offset));
  EXPECT_EQ(read(1, key(1)).value(), chunk.plain.substr(0, chunk.packets[1].offset));
  EXPECT_OK(initRecovery(1, key(1), 7));
}

// While the volume is missing a restart changes nothing; when it is back it tells itself.
TEST_F(LostVolume, ARestartWithoutTheVolumeKnowsItStill) {
  leave(key(1));
  failVolume();
  mendFirst();
  breakFirst();
  reboot();
  EXPECT_TRUE(isLost(key(1)));
  EXPECT_FALSE(isLost(key(3)));
  mendFirst();
  reboot();
  EXPECT_EQ(initRecovery(1, key(1), 2000).value(),
            std::pair(chunk.packets[1].offset, wire::UnfinishedState::WAITING));
  // What has become of it since is not what the note says.
  ASSERT_OK(recoverReplica(1, key(1), 2000, 512));
  breakFirst();
  reboot();
  EXPECT_FALSE(isLost(key(1)));
}

// An operator's word that the disk is gone for good.
TEST_F(LostVolume, AVolumeThatWasReplacedIsNotWaitedFor) {
  leave(key(1));
  failVolume();
  crash(machine(1), io::CrashLoss::NOTHING);
  machine(1).disks[0] = std::make_unique<io::MemoryDisk>("/disk1");
  machine(1).faulty[0] = std::make_unique<io::FaultyDisk>(*machine(1).disks[0]);
  ASSERT_OK(io::writeFileAtomically(*machine(1).disks[0], NEW_VOLUME_FILE, {}));
  ASSERT_OK(boot(machine(1)));
  waitRegistered(machine(1));
  EXPECT_FALSE(isLost(key(1)));
}

}  // namespace
}  // namespace cairn::dn
