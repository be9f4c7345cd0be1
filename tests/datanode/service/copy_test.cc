// Protects redundancy: a copy that the namenode orders is whole, good and durable when it is told,
// and none is told that is not; what was ordered before the node registered anew is not done after.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/datanode/fakes/fixture.h"

namespace cairn::dn {
namespace {

using fakes::DatanodeTest;
using fakes::key;
using fakes::makeChunk;
using fakes::TestChunk;

class Copies : public DatanodeTest {
protected:
  // The node is told with its next heartbeat, and has some time.
  void orderCopy(unsigned target, ReplicaKey key, std::uint64_t length,
                 const std::vector<unsigned>& sources) {
    known(target).orders.push_back([=](wire::Command::Builder command) {
      auto order = command.initCopyReplicas(1)[0];
      order.initChunk().setId(key.chunk.value);
      order.getChunk().setGeneration(key.generation.value);
      order.setLength(length);
      auto list = order.initSources(static_cast<unsigned>(sources.size()));
      for (unsigned i = 0; i < list.size(); ++i) {
        list[i].setNode(sources[i]);
        list[i].setAddress("datanode" + std::to_string(sources[i]));
      }
    });
    pass(3 * master.heartbeatMs);
  }
  void orderDelete(unsigned target, ReplicaKey key) {
    known(target).orders.push_back([key](wire::Command::Builder command) {
      auto chunk = command.initDeleteReplicas(1)[0];
      chunk.setId(key.chunk.value);
      chunk.setGeneration(key.generation.value);
    });
  }
  bool has(unsigned number, ReplicaKey key) {
    const auto it = known(number).replicas.find(key);
    return it != known(number).replicas.end() && it->second.state == wire::ReplicaState::FINAL;
  }
  // Writes until two replicas lie on the first of the disks.
  std::pair<ReplicaKey, ReplicaKey> twoOnTheFirstDisk(const TestChunk& chunk) {
    std::vector<ReplicaKey> there;
    for (std::uint64_t number = 1; there.size() < 2; ++number) {
      const auto before = filesBelow(machine(1), "final").size();
      EXPECT_OK(write({1}, key(number), chunk).result);
      if (filesBelow(machine(1), "final").size() > before) there.push_back(key(number));
    }
    return {there[0], there[1]};
  }
  // Changes a bit of the only final file.
  void damage(unsigned number) {
    const auto path = filesBelow(machine(number), "final").at(0);
    ASSERT_OK(machine(number).disks[0]->flipBit(path, 8 * 1000));
  }
};

TEST_F(Copies, ACopyIsWholeAndDurable) {
  startNodes(2);
  const auto chunk = makeChunk(100'000);
  ASSERT_OK(write({1}, key(1), chunk).result);
  orderCopy(2, key(1), 100'000, {1});
  ASSERT_TRUE(has(2, key(1)));
  EXPECT_EQ(known(2).replicas.at(key(1)).length, 100'000U);
  crash(machine(2), io::CrashLoss::ALL_UNSYNCED);
  ASSERT_OK(boot(machine(2)));
  waitRegistered(machine(2));
  crash(machine(1), io::CrashLoss::NOTHING);
  EXPECT_EQ(read(2, key(1)).value(), chunk.plain);
  EXPECT_EQ(checksum(2, key(1), UINT64_MAX).value().first, chunk.digest.md5().toString());
  EXPECT_TRUE(filesBelow(machine(2), "tmp").empty());
  EXPECT_TRUE(master.copyFailures.empty());
}

TEST_F(Copies, TheNextSourceIsTried) {
  startNodes(3);
  const auto chunk = makeChunk(20'000);
  ASSERT_OK(write({1, 2}, key(1), chunk).result);
  crash(machine(1), io::CrashLoss::NOTHING);
  orderCopy(3, key(1), 20'000, {1, 2});
  pass(10'000);
  EXPECT_TRUE(has(3, key(1)));
  EXPECT_TRUE(master.copyFailures.empty());
}

// Damage is not spread, and is told; a part of a copy is none.
TEST_F(Copies, ADamagedSourceIsTold) {
  startNodes(2);
  const auto chunk = makeChunk(100'000);
  ASSERT_OK(write({1}, key(1), chunk).result);
  damage(1);
  orderCopy(2, key(1), 100'000, {1});
  EXPECT_FALSE(has(2, key(1)));
  ASSERT_EQ(master.copyFailures.size(), 1U);
  EXPECT_EQ(master.copyFailures[0].first, key(1));
  EXPECT_EQ(master.copyFailures[0].second, std::vector<std::uint32_t>{1});
  EXPECT_TRUE(filesBelow(machine(2), "tmp").empty());
  EXPECT_TRUE(filesBelow(machine(2), "final").empty());
}

TEST_F(Copies, WhatIsNotThereIsTold) {
  startNodes(2);
  const auto chunk = makeChunk(6000);
  ASSERT_OK(write({1}, key(1), chunk).result);
  orderCopy(2, key(2), 6000, {1});     // no such chunk
  orderCopy(2, key(1, 2), 6000, {1});  // another generation
  orderCopy(2, key(1), 6001, {1});     // shorter than wanted
  ASSERT_EQ(master.copyFailures.size(), 3U);
  for (const auto& [chunkKey, damaged] : master.copyFailures) EXPECT_TRUE(damaged.empty());
  EXPECT_TRUE(filesBelow(machine(2), "final").empty());
  // What is here already is told again: the namenode has missed it. With another length it is none.
  known(1).replicas.clear();
  orderCopy(1, key(1), 6000, {2});
  EXPECT_TRUE(has(1, key(1)));
  EXPECT_EQ(master.copyFailures.size(), 3U);
  orderCopy(1, key(1), 5999, {2});
  EXPECT_EQ(master.copyFailures.size(), 4U);
}

// An unfinished replica that its writer left does not stand in the way; a newer one does.
TEST_F(Copies, TakesThePlaceOfWhatAWriterLeft) {
  startNodes(2);
  const auto chunk = makeChunk(6000);
  ASSERT_OK(write({1}, key(1), chunk).result);
  {
    ASSERT_VALUE(auto writer, openWriter({2}, key(1), chunk));
    ASSERT_OK(push(writer, chunk.packets[0]).result);
  }
  pass(1);
  orderCopy(2, key(1), 6000, {1});
  EXPECT_TRUE(has(2, key(1)));
  EXPECT_EQ(read(2, key(1)).value(), chunk.plain);
  EXPECT_TRUE(filesBelow(machine(2), "rbw").empty());
  ASSERT_OK(write({2}, key(2, 5), chunk).result);
  ASSERT_OK(write({1}, key(2, 4), chunk).result);
  known(2).replicas.clear();
  orderCopy(2, key(2, 4), 6000, {1});
  EXPECT_FALSE(has(2, key(2, 4)));
  EXPECT_TRUE(has(2, key(2, 5))) << "told again: the namenode does not know";
  EXPECT_EQ(master.copyFailures.size(), 1U);
}

// Protects the only place for a copy from a finished replica of another length, which is none of
// the chunk's: it is put aside when the good one is complete, not before, and not destroyed.
TEST_F(Copies, TakesThePlaceOfOneOfAnotherLength) {
  startNodes(2);
  const auto chunk = makeChunk(6000);
  ASSERT_OK(write({2}, key(1), makeChunk(5000)).result);
  orderCopy(2, key(1), 6000, {1});  // who has none
  EXPECT_EQ(master.copyFailures.size(), 1U);
  EXPECT_TRUE(filesBelow(machine(2), "quarantine").empty());
  EXPECT_EQ(known(2).replicas.at(key(1)).length, 5000U);
  ASSERT_OK(write({1}, key(1), chunk).result);
  orderCopy(2, key(1), 6000, {1});
  ASSERT_TRUE(has(2, key(1)));
  EXPECT_EQ(known(2).replicas.at(key(1)).length, 6000U);
  EXPECT_EQ(read(2, key(1)).value(), chunk.plain);
  EXPECT_EQ(filesBelow(machine(2), "quarantine").size(), 1U);
  EXPECT_EQ(filesBelow(machine(2), "final").size(), 1U);
  crash(machine(2), io::CrashLoss::ALL_UNSYNCED);
  ASSERT_OK(boot(machine(2)));
  waitRegistered(machine(2));
  EXPECT_EQ(read(2, key(1)).value(), chunk.plain);
}

// Protects a copy that is made anew from an order to delete the one before it.
TEST_F(Copies, ACopyOrderSupersedesADelete) {
  startNodes(1, 2);
  const auto chunk = makeChunk(6000);
  const auto [first, second] = twoOnTheFirstDisk(chunk);
  machine(1).pool.hold();
  orderDelete(1, first);
  orderDelete(1, second);
  orderCopy(1, second, 6000, {1});
  machine(1).pool.release();
  pass(10 * master.heartbeatMs);
  EXPECT_FALSE(has(1, first));
  EXPECT_TRUE(has(1, second));
}

// Protects good copies from being deleted for one that is known to be damaged: a namenode that has
// begun anew is told of the damage again.
TEST_F(Copies, DamageIsToldAgainAtARegistration) {
  startNodes(1);
  const auto chunk = makeChunk(100'000);
  ASSERT_OK(write({1}, key(1), chunk).result);
  damage(1);
  EXPECT_FALSE(read(1, key(1)).has_value());
  pass(2 * master.heartbeatMs);
  ASSERT_EQ(known(1).replicas.at(key(1)).state, wire::ReplicaState::DAMAGED);
  known(1).replicas.clear();
  known(1).orders.push_back([](wire::Command::Builder command) { command.setRegister(); });
  pass(3 * master.heartbeatMs);
  ASSERT_GE(known(1).registrations, 2U);
  EXPECT_EQ(known(1).replicas.at(key(1)).state, wire::ReplicaState::DAMAGED);
}

// The same when the datanode has begun anew as well: what it knows of damage outlives it, until the
// replica is found good or is gone.
TEST_F(Copies, DamageIsRememberedAcrossARestart) {
  startNodes(1, 2);
  const auto [first, second] = twoOnTheFirstDisk(makeChunk(100'000));
  auto& disk = *machine(1).disks[0];
  const auto paths = filesBelow(machine(1), "final");
  ASSERT_EQ(paths.size(), 2U);
  for (const auto& path : paths) ASSERT_OK(disk.flipBit(path, 8 * 1000));
  EXPECT_FALSE(read(1, first).has_value());
  EXPECT_FALSE(read(1, second).has_value());
  pass(2 * master.heartbeatMs);
  const auto bothStartAnew = [&]() {
    crash(machine(1), io::CrashLoss::ALL_UNSYNCED);
    master.nodes.at(1).replicas.clear();
    ASSERT_OK(boot(machine(1)));
    waitRegistered(machine(1));
    pass(2 * master.heartbeatMs);
  };
  const auto stateOf = [&](const ReplicaKey& at) { return known(1).replicas.at(at).state; };
  bothStartAnew();
  EXPECT_EQ(stateOf(first), wire::ReplicaState::DAMAGED);
  EXPECT_EQ(stateOf(second), wire::ReplicaState::DAMAGED);
  // One is well meanwhile, and is read.
  ASSERT_OK(disk.flipBit(paths[0], 8 * 1000));
  known(1).orders.push_back([first](wire::Command::Builder command) {
    auto chunk = command.initCheckReplicas(1)[0];
    chunk.setId(first.chunk.value);
    chunk.setGeneration(first.generation.value);
  });
  pass(3 * master.heartbeatMs);
  EXPECT_EQ(stateOf(first), wire::ReplicaState::FINAL);
  bothStartAnew();
  EXPECT_EQ(stateOf(first), wire::ReplicaState::FINAL);
  EXPECT_EQ(stateOf(second), wire::ReplicaState::DAMAGED);
  // A note that cannot be read keeps no datanode from starting.
  ASSERT_OK(disk.flipBit("damaged", 8 * 30));
  bothStartAnew();
  EXPECT_EQ(stateOf(second), wire::ReplicaState::FINAL);
  EXPECT_FALSE(read(1, second).has_value());
  pass(2 * master.heartbeatMs);
  // A good copy in its place is no damaged one.
  orderDelete(1, second);
  pass(3 * master.heartbeatMs);
  EXPECT_OK(write({1}, second, makeChunk(6000)).result);
  bothStartAnew();
  EXPECT_EQ(stateOf(second), wire::ReplicaState::FINAL);
}

// Protects the last copy: a namenode that has begun anew counts what the node has told it since,
// and may have had another copy deleted for it. What an earlier one had ordered must not be done
// then.
TEST_F(Copies, OrdersFromBeforeARegistrationAreDropped) {
  startNodes(1, 2);
  const auto chunk = makeChunk(6000);
  const auto [first, second] = twoOnTheFirstDisk(chunk);
  machine(1).pool.hold();  // the disk is slow: the first removal is under way, the second waits
  orderDelete(1, first);
  orderDelete(1, second);
  master.node(NodeId(1)).orders.push_back(
      [](wire::Command::Builder command) { command.setRegister(); });
  pass(2 * master.heartbeatMs);
  machine(1).pool.release();
  pass(10 * master.heartbeatMs);
  ASSERT_GE(known(1).registrations, 2U);
  EXPECT_FALSE(has(1, first));
  EXPECT_TRUE(has(1, second));
  EXPECT_EQ(read(1, second).value(), chunk.plain);
}

// Protects whoever asks why a datanode is behind: orders that wait are counted until they are done.
TEST_F(Copies, OrdersThatWaitAreCounted) {
  startNodes(1, 2);  // with a disk that answers, so that heartbeats go on
  const auto [first, second] = twoOnTheFirstDisk(makeChunk(6000));
  const auto shown = [&](const std::string& line) {
    return loop.metrics.exposition().find("\n" + line + "\n") != std::string::npos;
  };
  EXPECT_TRUE(shown("cairn_datanode_removals_open 0"));
  machine(1).pool.hold();
  orderDelete(1, first);
  orderDelete(1, second);
  pass(10 * master.heartbeatMs);
  EXPECT_TRUE(shown("cairn_datanode_removals_open 2"));
  machine(1).pool.release();
  pass(10 * master.heartbeatMs);
  EXPECT_TRUE(shown("cairn_datanode_removals_open 0"));
  EXPECT_TRUE(shown("cairn_datanode_reports_waiting 0"));
}

}  // namespace
}  // namespace cairn::dn
