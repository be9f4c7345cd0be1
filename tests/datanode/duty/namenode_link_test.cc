// Protects what the namenode knows, and who may give orders: registration comes back after every
// kind of loss, equal inventories spare the lists, orders of another epoch are not obeyed, and a
// namenode of another cluster gets nothing.
#include <gtest/gtest.h>

#include "datanode/duty/namenode_link.h"
#include "tests/datanode/fakes/fixture.h"

namespace cairn::dn {
namespace {

using fakes::DatanodeTest;
using fakes::key;
using fakes::makeChunk;

class Link : public DatanodeTest {
protected:
  static void orderDelete(wire::Command::Builder command, ReplicaKey key) {
    auto list = command.initDeleteReplicas(1);
    list[0].setId(key.chunk.value);
    list[0].setGeneration(key.generation.value);
  }
  void twoHeartbeats() {
    pass(master.heartbeatMs + 1);
    pass(master.heartbeatMs + 1);
  }
};

TEST_F(Link, RegistersWhenTheNamenodeComesUpLater) {
  stopNamenode();
  machines.push_back(std::make_unique<fakes::Machine>(1, 1));
  ASSERT_OK(boot(machine(1)));
  pass(60'000);
  EXPECT_EQ(machine(1).server->node(), NodeId());
  // Nobody is served before: it does not know yet whose it is.
  auto request = clientOf(1).openWriterRequest();
  request.getChunk().setId(16);
  auto reply =
      wait(kj::Promise<capnp::Response<wire::Datanode::OpenWriterResults>>(request.send()));
  EXPECT_CODE(Code::UNAVAILABLE, rpc::fromWire(reply.getFault()));
  startNamenode();
  waitRegistered(machine(1));
  EXPECT_OK(write({1}, key(1), makeChunk(100)).result);
}

TEST_F(Link, RegistersAgainWhenTheNamenodeForgotIt) {
  startNodes(1);
  ASSERT_OK(write({1}, key(1), makeChunk(100)).result);
  master.forgetful = true;
  known(1).replicas.clear();
  twoHeartbeats();
  EXPECT_EQ(known(1).registrations, 2U);
  EXPECT_TRUE(known(1).replicas.contains(key(1)));
}

// The figures of a disk that hangs stay as they were; the node lives on the other. When all hang it
// is as good as dead, and says nothing.
TEST_F(Link, OneDiskThatHangsDoesNotSilenceTheNode) {
  startNodes(1, 2);
  machine(1).otherPools.freeze();
  const auto before = known(1).heartbeats;
  pass(10 * (master.heartbeatMs + NamenodeLink::SPACE_MS));
  EXPECT_GE(known(1).heartbeats, before + 9);
  EXPECT_EQ(known(1).freeBytes.size(), 2U);
  machine(1).pool.freeze();
  pass(master.heartbeatMs + NamenodeLink::SPACE_MS);
  const auto last = known(1).heartbeats;
  pass(10 * (master.heartbeatMs + NamenodeLink::SPACE_MS));
  EXPECT_EQ(known(1).heartbeats, last);
}

// A namenode may also answer with the order to register, its own epoch on it, and without having
// looked at the news.
TEST_F(Link, RegistersAgainWhenItIsOrderedTo) {
  startNodes(1);
  ASSERT_OK(write({1}, key(1), makeChunk(100)).result);
  pass(1);
  for (std::uint64_t epoch : {master.epoch.value, master.epoch.value + 5}) {
    const auto before = known(1).registrations;
    known(1).orders.push_back([epoch](auto command) {
      command.setEpoch(epoch);
      command.setRegister();
    });
    twoHeartbeats();
    EXPECT_EQ(known(1).registrations, before + 1);
  }
  known(1).orders.push_back([](auto command) {
    command.setEpoch(0);
    command.setRegister();
  });
  twoHeartbeats();
  EXPECT_EQ(known(1).registrations, 3U);
}

TEST_F(Link, RegistersAgainAfterARestartOfTheNamenodeAndEqualInventoriesAreNotListed) {
  startNodes(1);
  ASSERT_OK(write({1}, key(1), makeChunk(100)).result);
  ASSERT_OK(write({1}, key(70'000), makeChunk(100)).result);  // another range
  pass(1);
  EXPECT_EQ(known(1).rangesReported, 0U);
  stopNamenode();
  ++master.epoch.value;
  pass(30'000);
  startNamenode();
  pass(10'000);
  EXPECT_EQ(known(1).registrations, 2U);
  EXPECT_EQ(known(1).rangesReported, 0U);
  // And it still takes news and orders.
  ASSERT_OK(write({1}, key(2), makeChunk(100)).result);
  pass(1);
  EXPECT_TRUE(known(1).replicas.contains(key(2)));
}

TEST_F(Link, OnlyTheRangeThatDiffersIsListed) {
  startNodes(1);
  ASSERT_OK(write({1}, key(1), makeChunk(100)).result);
  ASSERT_OK(write({1}, key(70'000), makeChunk(100)).result);
  pass(1);
  // The namenode lacks one replica and believes in one that is not there, of a third range.
  auto& replicas = known(1).replicas;
  replicas.erase(key(70'000));
  replicas[key(200'000)] = {.length = 5};
  stopNamenode();
  startNamenode();
  pass(10'000);
  EXPECT_EQ(known(1).rangesReported, 2U);
  EXPECT_TRUE(replicas.contains(key(70'000)));
  EXPECT_FALSE(replicas.contains(key(200'000)));
}

TEST_F(Link, ANodeThatComesBackReportsWhatItHas) {
  startNodes(1);
  ASSERT_OK(write({1}, key(1), makeChunk(100)).result);
  machine(1).server->dropDead();
  machine(1).server = nullptr;
  master.nodes.at(1).replicas.clear();
  ASSERT_OK(boot(machine(1)));
  waitRegistered(machine(1));
  pass(1);
  EXPECT_EQ(machine(1).server->node(), NodeId(1));
  EXPECT_TRUE(known(1).replicas.contains(key(1)));
}

TEST_F(Link, DeletesWhatItIsToldToAndReportsIt) {
  startNodes(1);
  ASSERT_OK(write({1}, key(1, 1), makeChunk(100)).result);
  ASSERT_OK(write({1}, key(2, 3), makeChunk(100)).result);
  known(1).orders.push_back([](auto command) { orderDelete(command, key(1, 1)); });
  // Not the generation that is here.
  known(1).orders.push_back([](auto command) { orderDelete(command, key(2, 2)); });
  // Not there at all: gone is gone.
  known(1).orders.push_back([](auto command) { orderDelete(command, key(3, 1)); });
  twoHeartbeats();
  EXPECT_EQ(filesBelow(machine(1), "final").size(), 1U);
  EXPECT_CODE(Code::NOT_FOUND, read(1, key(1)));
  EXPECT_OK(read(1, key(2, 3)));
  EXPECT_TRUE(known(1).removed.contains(key(1, 1)));
  EXPECT_TRUE(known(1).removed.contains(key(3, 1)));
  EXPECT_FALSE(known(1).removed.contains(key(2, 3)));
}

TEST_F(Link, AnOrderOfAnotherEpochIsNotObeyed) {
  startNodes(1);
  ASSERT_OK(write({1}, key(1), makeChunk(100)).result);
  for (std::uint64_t epoch : {master.epoch.value - 1, master.epoch.value + 1}) {
    known(1).orders.push_back([epoch](auto command) {
      command.setEpoch(epoch);
      orderDelete(command, key(1));
    });
  }
  twoHeartbeats();
  EXPECT_OK(read(1, key(1)));
  EXPECT_EQ(filesBelow(machine(1), "final").size(), 1U);
}

TEST_F(Link, AReplicaBeingWrittenCanBeOrderedAway) {
  startNodes(1);
  const auto chunk = makeChunk(3000);
  ASSERT_VALUE(auto writer, openWriter({1}, key(1), chunk));
  ASSERT_OK(push(writer, chunk.packets[0]).result);
  known(1).orders.push_back([](auto command) { orderDelete(command, key(1)); });
  twoHeartbeats();
  ASSERT_OK(push(writer, chunk.packets[1]).result);
  EXPECT_FALSE(finish(writer, chunk).result.has_value());
  writer = nullptr;
  twoHeartbeats();
  EXPECT_FALSE(known(1).replicas.contains(key(1)));
  EXPECT_TRUE(filesBelow(machine(1), "rbw").empty());
  EXPECT_TRUE(filesBelow(machine(1), "final").empty());
}

TEST_F(Link, ANamenodeOfAnotherClusterEndsTheDatanode) {
  startNodes(1);
  ASSERT_OK(write({1}, key(1), makeChunk(100)).result);
  auto fatal = machine(1).server->onFatal();
  stopNamenode();
  master.cluster = Uuid::fromHighLow(0xbad, 0xbad);
  startNamenode();
  EXPECT_EQ(wait(kj::mv(fatal)).code(), Code::WRONG_CLUSTER);
  EXPECT_EQ(filesBelow(machine(1), "final").size(), 1U);
}

// A namenode whose directory is older than one that was followed would have replicas deleted that
// it does not know: it is not followed, by later lives of the datanode neither.
TEST_F(Link, ANamenodeOfAnOlderEpochIsNotFollowed) {
  master.epoch = Epoch(5);
  startNodes(1, 2);
  pass(1);
  EXPECT_EQ(known(1).registrations, 1U);
  stopNamenode();
  master.epoch = Epoch(4);
  startNamenode();
  // It answers a registration, which is not taken up.
  pass(30'000);
  EXPECT_GT(known(1).registrations, 1U);
  const auto heartbeats = known(1).heartbeats;
  // One of its volumes is enough to remember.
  crash(machine(1), io::CrashLoss::ALL_UNSYNCED);
  ASSERT_OK(machine(1).disks[0]->remove("followed"));
  ASSERT_OK(boot(machine(1)));
  pass(30'000);
  EXPECT_EQ(machine(1).server->node(), NodeId());
  EXPECT_EQ(master.nodes.at(1).heartbeats, heartbeats);
  EXPECT_EQ(master.nodes.at(1).heardEpoch, 5U);
  stopNamenode();
  master.epoch = Epoch(5);
  startNamenode();
  waitRegistered(machine(1));
  pass(master.heartbeatMs + 1);
  EXPECT_GT(known(1).heartbeats, heartbeats);
}

// The namenode learns how far one of its directory had got: the newest group that was named, in
// this life or an earlier one, with the epoch of whoever named it.
TEST_F(Link, TellsHowFarTheNamenodeHadGot) {
  master.epoch = Epoch(2);
  master.group = 100;
  startNodes(1);
  EXPECT_EQ(known(1).heardGroup, 0U);
  master.group = 120;
  twoHeartbeats();
  stopNamenode();
  startNamenode();
  pass(10'000);
  EXPECT_EQ(known(1).heardEpoch, 2U);
  EXPECT_EQ(known(1).heardGroup, 120U);
  master.group = 150;
  pass(NamenodeLink::NOTE_MS + 2 * master.heartbeatMs);
  crash(machine(1), io::CrashLoss::ALL_UNSYNCED);
  ASSERT_OK(boot(machine(1)));
  waitRegistered(machine(1));
  EXPECT_EQ(known(1).heardGroup, 150U);
  // Another epoch begins its own count.
  stopNamenode();
  master.epoch = Epoch(9);
  master.group = 30;
  startNamenode();
  pass(10'000);
  twoHeartbeats();
  stopNamenode();
  startNamenode();
  pass(10'000);
  EXPECT_EQ(known(1).heardEpoch, 9U);
  EXPECT_EQ(known(1).heardGroup, 30U);
}

// One that names no group has found out that its directory is an older one. Its datanodes remember
// the newer one, for whoever is put in its place.
TEST_F(Link, ANamenodeThatNamesNoGroupIsNotRemembered) {
  master.epoch = Epoch(2);
  master.group = 100;
  startNodes(1);
  stopNamenode();
  master.epoch = Epoch(3);
  master.group = 0;
  startNamenode();
  pass(10'000);
  twoHeartbeats();
  EXPECT_EQ(known(1).registrations, 2U);
  stopNamenode();
  startNamenode();
  pass(10'000);
  EXPECT_EQ(known(1).registrations, 3U);
  EXPECT_EQ(known(1).heardEpoch, 2U);
  EXPECT_EQ(known(1).heardGroup, 100U);
}

// A disk that hangs, or is full, keeps nobody from following a namenode.
TEST_F(Link, ANoteThatCannotBeWrittenHoldsUpNothing) {
  startNodes(1, 2);
  machine(1).otherPools.freeze();
  machine(1).disks[0]->setCapacity(0);
  stopNamenode();
  ++master.epoch.value;
  startNamenode();
  pass(20'000);
  EXPECT_EQ(known(1).registrations, 2U);
}

TEST_F(Link, DirectoriesOfTwoClustersAreRefused) {
  startNodes(1, 2);
  machine(1).server = nullptr;
  auto& second = *machine(1).disks[1];
  VolumeIdentity identity{.cluster = Uuid::fromHighLow(7, 7),
                          .datanode = Uuid::fromHighLow(7, 8),
                          .volume = Uuid::fromHighLow(7, 9),
                          .node = NodeId(1)};
  ASSERT_OK(second.remove("identity"));
  auto file = second.open("identity", io::OpenMode::CREATE).value();
  ASSERT_OK(file->append(asBytes(encode(identity))));
  EXPECT_CODE(Code::WRONG_CLUSTER, boot(machine(1)));
}

TEST_F(Link, TheSameDirectoryTwiceIsRefused) {
  startNodes(1);
  machine(1).server = nullptr;
  std::vector<VolumeSource> twice(2, {*machine(1).faulty[0], loop.workPool});
  DatanodeServer server(loop.host, std::move(twice), options);
  EXPECT_CODE(Code::IN_USE, wait(server.start()));
}

TEST_F(Link, AnAddedEmptyDirectoryIsTakenIntoUse) {
  startNodes(1);
  ASSERT_OK(write({1}, key(1), makeChunk(100)).result);
  machine(1).server = nullptr;
  machine(1).disks.push_back(std::make_unique<io::MemoryDisk>("/new"));
  machine(1).faulty.push_back(std::make_unique<io::FaultyDisk>(*machine(1).disks.back()));
  ASSERT_OK(boot(machine(1)));
  waitRegistered(machine(1));
  pass(1);
  EXPECT_EQ(known(1).volumesFailed.size(), 2U);
  EXPECT_TRUE(machine(1).disks[1]->exists("identity").value());
}

// Protects the replicas of a disk that is not mounted: nothing is written into its mount point, and
// they are there again when it is.
TEST_F(Link, AnEmptyDirectoryInAVolumesPlaceIsNotTakenIntoUse) {
  startNodes(1, 2);
  const auto chunk = makeChunk(100);
  for (std::uint64_t n = 1; n < 7; ++n) ASSERT_OK(write({1}, key(n), chunk).result);
  const auto replicas = machine(1).server->store().table().size();
  ASSERT_EQ(replicas, 6U);
  const auto unmount = [&]() {
    machine(1).server = nullptr;
    auto disk = std::move(machine(1).disks[1]);
    machine(1).disks[1] = std::make_unique<io::MemoryDisk>("/disk2");
    machine(1).faulty[1] = std::make_unique<io::FaultyDisk>(*machine(1).disks[1]);
    return disk;
  };
  auto second = unmount();
  for (int life = 0; life < 2; ++life) {  // the first must not forget it
    ASSERT_OK(boot(machine(1)));
    waitRegistered(machine(1));
    pass(1);
    EXPECT_EQ(known(1).volumesFailed, (std::vector<bool>{false, true}));
    EXPECT_FALSE(machine(1).disks[1]->exists("identity").value());
    EXPECT_LT(machine(1).server->store().table().size(), replicas);
    const auto why = machine(1).server->store().volumes()[1].error;
    EXPECT_NE(why.find(machine(1).disks[1]->pathOf("new-volume")), std::string::npos) << why;
    machine(1).server = nullptr;
  }
  // Mounted again.
  machine(1).disks[1] = std::move(second);
  machine(1).faulty[1] = std::make_unique<io::FaultyDisk>(*machine(1).disks[1]);
  ASSERT_OK(boot(machine(1)));
  waitRegistered(machine(1));
  EXPECT_EQ(machine(1).server->store().table().size(), replicas);

  // The operator's word.
  second = unmount();
  ASSERT_OK(machine(1).disks[1]->open("new-volume", io::OpenMode::CREATE));
  for (int life = 0; life < 2; ++life) {
    ASSERT_OK(boot(machine(1)));
    waitRegistered(machine(1));
    pass(1);
    EXPECT_EQ(known(1).volumesFailed, (std::vector<bool>{false, false}));
    EXPECT_TRUE(machine(1).disks[1]->exists("identity").value());
    EXPECT_FALSE(machine(1).disks[1]->exists("new-volume").value());
    machine(1).server = nullptr;
  }
}

// Whoever gives the datanode's directories other names has its volumes, and one more.
TEST_F(Link, VolumesUnderOtherNamesAreKnown) {
  startNodes(1, 2);
  machine(1).server = nullptr;
  std::swap(machine(1).disks[0], machine(1).disks[1]);
  std::swap(machine(1).faulty[0], machine(1).faulty[1]);
  machine(1).disks.push_back(std::make_unique<io::MemoryDisk>("/disk3"));
  machine(1).faulty.push_back(std::make_unique<io::FaultyDisk>(*machine(1).disks.back()));
  ASSERT_OK(boot(machine(1)));
  waitRegistered(machine(1));
  pass(1);
  EXPECT_EQ(known(1).volumesFailed, (std::vector<bool>{false, false, false}));
}

// One of its own directories that is missing does not cost a volume the rest.
TEST_F(Link, AMissingStateDirectoryIsMadeAnew) {
  startNodes(1);
  ASSERT_OK(write({1}, key(1), makeChunk(100)).result);
  const auto path = filesBelow(machine(1), "final").at(0);
  machine(1).server = nullptr;
  loop.settle();
  auto& disk = *machine(1).disks[0];
  for (unsigned i = 0; i < FINAL_DIR_COUNT; ++i) {
    if (finalDirAt(i) != io::parentOf(path)) ASSERT_OK(disk.remove(finalDirAt(i)));
  }
  for (const auto dir : {TMP_DIR, RBW_DIR, QUARANTINE_DIR}) ASSERT_OK(disk.remove(dir));
  ASSERT_OK(boot(machine(1)));
  waitRegistered(machine(1));
  EXPECT_OK(read(1, key(1)));
  for (std::uint64_t n = 2; n < 20; ++n) EXPECT_OK(write({1}, key(n), makeChunk(100)).result);
}

TEST_F(Link, ADiskThatCannotBeReadAtStartIsReportedAndTheOtherServes) {
  startNodes(1, 2);
  machine(1).server = nullptr;
  machine(1).faulty[1]->inject({.op = io::DiskOp::STAT, .forever = true});
  machine(1).faulty[1]->inject({.op = io::DiskOp::LIST, .forever = true});
  ASSERT_OK(boot(machine(1)));
  waitRegistered(machine(1));
  pass(1);
  EXPECT_EQ(known(1).volumesFailed, (std::vector<bool>{false, true}));
  EXPECT_OK(write({1}, key(1), makeChunk(100)).result);
}

TEST_F(Link, StoppedInOrderNothingIsSaidAnyMore) {
  startNodes(1);
  const auto chunk = makeChunk(3000);
  ASSERT_VALUE(auto writer, openWriter({1}, key(1), chunk));
  ASSERT_OK(push(writer, chunk.packets[0]).result);
  const auto heartbeats = known(1).heartbeats;
  wait(machine(1).server->stop());
  pass(60'000);
  EXPECT_EQ(master.nodes.at(1).heartbeats, heartbeats);
  machine(1).server = nullptr;
  ASSERT_OK(boot(machine(1)));
  waitRegistered(machine(1));
  pass(1);
  EXPECT_EQ(known(1).replicas.at(key(1)).length, chunk.packets[0].plainLength);
}

}  // namespace
}  // namespace cairn::dn
