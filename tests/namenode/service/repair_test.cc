// That chunks get as many replicas as wanted and lose what is too much; and that nothing is ever
// deleted for copies that may not be there.
#include <algorithm>
#include <set>

#include "namenode/datanodes/datanode_table.h"
#include "namenode/repair/plan_repair.h"
#include "tests/namenode/service/fixture.h"

namespace cairn::nn {
namespace {

class RepairTest : public NamenodeTest {
protected:
  void addNodes(unsigned count) {
    while (datanodes.size() < count) addDatanode();
  }
  void addNodeOn(const std::string& rack) {
    auto& datanode = *datanodes.emplace_back(std::make_unique<FakeDatanode>());
    datanode.rack = rack;
    EXPECT_OK(enroll(datanode, "127.0.0.1:" + std::to_string(9000 + datanodes.size())));
  }
  FakeDatanode& node(std::uint32_t number) {
    for (auto& datanode : datanodes) {
      if (datanode->node == number) return *datanode;
    }
    throw std::logic_error("no such datanode");
  }
  // A file of one chunk that all its datanodes have reported.
  Placed confirmedFile(const std::string& path, unsigned replication) {
    auto chunk = writeFile(path, 10, replication);
    EXPECT_OK(chunk);
    for (const auto number : chunk->nodes) EXPECT_OK(heartbeat(node(number), {{*chunk, 10}}));
    return *chunk;
  }
  // The datanodes that are told to delete the chunk in these ms, with heartbeats all the while.
  std::vector<std::uint32_t> deleters(const Placed& chunk, std::int64_t ms = 1000) {
    std::vector<std::uint32_t> told;
    for (std::int64_t passed = 0; passed < ms; passed += 1000) {
      pass(1000);
      for (auto& datanode : datanodes) {
        if (datanode->pool.get() == nullptr) continue;
        const auto orders = heartbeat(*datanode);
        EXPECT_OK(orders);
        if (std::ranges::find(*orders, chunk.chunk) != orders->end()) {
          told.push_back(datanode->node);
        }
      }
    }
    return told;
  }
  // The datanodes that are told to make a copy, likewise.
  std::vector<std::uint32_t> copiers(const Placed& chunk, std::int64_t ms = 1000) {
    for (auto& datanode : datanodes) datanode->copies.clear();
    deleters(chunk, ms);
    std::vector<std::uint32_t> told;
    for (auto& datanode : datanodes) {
      for (const auto& copy : datanode->copies) {
        if (copy.chunk == chunk.chunk) told.push_back(datanode->node);
      }
    }
    return told;
  }
  void silence(std::uint32_t number) {
    node(number).master = nullptr;
    node(number).pool = nullptr;
  }
  std::vector<std::uint32_t> where(const std::string& path) {
    auto nodes = locations(path).value()[0].nodes;
    std::ranges::sort(nodes);
    return nodes;
  }
};

// setrep to more: the others are told once, from whom, and what they report counts.
TEST_F(RepairTest, MissingCopiesAreMade) {
  addNodes(3);
  const auto chunk = confirmedFile("/f", 1);
  EXPECT_EQ(copiers(chunk), std::vector<std::uint32_t>());
  ASSERT_OK(setReplication("/f", 3));
  const auto told = copiers(chunk);
  ASSERT_EQ(told.size(), 2U);
  for (const auto number : told) {
    EXPECT_NE(number, chunk.nodes[0]);
    const auto& order = node(number).copies.at(0);
    EXPECT_EQ(order.generation, chunk.generation);
    EXPECT_EQ(order.length, 10U);
    EXPECT_EQ(order.sources, chunk.nodes);
  }
  EXPECT_EQ(copiers(chunk, 5000), std::vector<std::uint32_t>()) << "told once";
  for (const auto number : told) ASSERT_OK(heartbeat(node(number), {{chunk, 10}}));
  EXPECT_EQ(copiers(chunk, 5000), std::vector<std::uint32_t>());
  EXPECT_TRUE(until([&]() { return where("/f").size() == 3; }));
}

// Protects setrep -w after an append that left copies behind: the only places for new ones are
// those whose old copy is about to go, and it is gone soon, not with the next census.
TEST_F(RepairTest, ACopyIsMadeWhereAnotherHasJustGone) {
  addNodes(2);
  const auto chunk = confirmedFile("/f", 2);
  ASSERT_OK(setReplication("/f", 1));
  const auto leaves = deleters(chunk);
  ASSERT_EQ(leaves.size(), 1U);
  ASSERT_OK(setReplication("/f", 2));
  EXPECT_EQ(copiers(chunk, 8000), std::vector<std::uint32_t>());
  ASSERT_OK(heartbeat(node(leaves[0]), {}, {chunk}));
  EXPECT_EQ(copiers(chunk, 7000), leaves);
}

// Protects a file from the loss of a rack: when another rack comes, one copy moves there. The new
// one is there before an old one goes, and then all is quiet.
TEST_F(RepairTest, CopiesOnOneRackGetOneOnAnother) {
  addNodeOn("/a");
  addNodeOn("/a");
  addNodeOn("/a");
  const auto chunk = confirmedFile("/f", 2);
  const auto single = confirmedFile("/g", 1);
  EXPECT_EQ(copiers(chunk, 70'000), std::vector<std::uint32_t>()) << "there is one rack only";
  addNodeOn("/b");
  EXPECT_EQ(copiers(chunk, 70'000), std::vector<std::uint32_t>{4});
  EXPECT_TRUE(std::ranges::none_of(node(4).copies, [&](const OrderedCopy& copy) {
    return copy.chunk == single.chunk;
  })) << "one copy has no rack to be apart from";
  EXPECT_EQ(deleters(chunk, 70'000), std::vector<std::uint32_t>()) << "not for one under way";
  ASSERT_OK(heartbeat(node(4), {{chunk, 10}}));
  const auto goes = deleters(chunk, 2'000);
  ASSERT_EQ(goes.size(), 1U);
  EXPECT_NE(goes[0], 4U);
  ASSERT_OK(heartbeat(node(goes[0]), {}, {chunk}));
  EXPECT_EQ(copiers(chunk, 130'000), std::vector<std::uint32_t>());
  EXPECT_EQ(deleters(chunk, 130'000), std::vector<std::uint32_t>());
  const auto now = where("/f");
  ASSERT_EQ(now.size(), 2U);
  EXPECT_EQ(now[1], 4U);
}

// The same where there is one copy too many besides: that one goes, and no other for it.
TEST_F(RepairTest, SurplusCopiesGoAndOthersMove) {
  addNodeOn("/a");
  addNodeOn("/a");
  addNodeOn("/a");
  const auto chunk = confirmedFile("/f", 3);
  addNodeOn("/b");
  ASSERT_OK(setReplication("/f", 2));
  for (auto& datanode : datanodes) datanode->copies.clear();
  const auto first = deleters(chunk, 2'000);
  ASSERT_EQ(first.size(), 1U);
  ASSERT_OK(heartbeat(node(first[0]), {}, {chunk}));
  EXPECT_EQ(deleters(chunk, 70'000), std::vector<std::uint32_t>());
  ASSERT_EQ(node(4).copies.size(), 1U);
  EXPECT_NE(node(4).copies[0].sources.front(), first[0]);
}

// A writer that had to go on with fewer datanodes leaves a file that is soon whole again.
TEST_F(RepairTest, AFileThatWasClosedShortIsCompleted) {
  addNodes(1);
  const auto chunk = confirmedFile("/f", 2);
  addNodes(2);
  EXPECT_EQ(copiers(chunk, 8000), std::vector<std::uint32_t>{node(2).node});
}

// setrep to less: so many go, no more, and only the file's own.
TEST_F(RepairTest, SurplusCopiesGo) {
  addNodes(4);
  const auto chunk = confirmedFile("/f", 4);
  const auto other = confirmedFile("/g", 4);
  EXPECT_EQ(deleters(chunk), std::vector<std::uint32_t>());
  ASSERT_OK(setReplication("/f", 1));
  const auto told = deleters(chunk);
  EXPECT_EQ(told.size(), 3U);
  EXPECT_EQ(deleters(other, 5000), std::vector<std::uint32_t>());
  for (const auto number : told) ASSERT_OK(heartbeat(node(number), {}, {chunk}));
  EXPECT_EQ(deleters(chunk, 70'000), std::vector<std::uint32_t>());
  EXPECT_TRUE(until([&]() { return where("/f").size() == 1; }));
  EXPECT_EQ(where("/g").size(), 4U);
}

// Protects data from the writer's word alone: a copy counts as one to be left over once its
// datanode has named it.
TEST_F(RepairTest, WhatNobodyHasConfirmedReplacesNothing) {
  addNodes(2);
  ASSERT_VALUE(const auto chunk, writeFile("/f", 10, 2));
  ASSERT_OK(setReplication("/f", 1));
  EXPECT_EQ(deleters(chunk, 30'000), std::vector<std::uint32_t>());
  ASSERT_OK(heartbeat(node(1), {{chunk, 10}}));
  EXPECT_EQ(deleters(chunk, 30'000), std::vector<std::uint32_t>());
  ASSERT_OK(heartbeat(node(2), {{chunk, 10}}));
  EXPECT_EQ(deleters(chunk, 7'000).size(), 1U);
}

// Protects setrep -w from a copy that its datanode had told of too early, or that is not there at
// all: it is asked for, and its answer settles the matter.
TEST_F(RepairTest, UnconfirmedCopiesAreAskedFor) {
  addNodes(3);
  ASSERT_VALUE(const auto chunk, writeFile("/f", 10, 3));
  ASSERT_OK(heartbeat(node(1), {{chunk, 10}}));
  ASSERT_OK(setReplication("/f", 1));
  std::map<std::uint32_t, std::vector<std::uint64_t>> checks;
  for (int second = 0; second < 8; ++second) {
    pass(1000);
    for (auto& datanode : datanodes) {
      ASSERT_VALUE(const auto orders,
                   heartbeat(*datanode, {}, {}, nullptr, &checks[datanode->node]));
      EXPECT_EQ(std::ranges::count(orders, chunk.chunk), 0);
    }
    if (!checks[2].empty()) break;
  }
  EXPECT_EQ(checks[1].size(), 0U);
  EXPECT_EQ(checks[2], std::vector<std::uint64_t>{chunk.chunk});
  EXPECT_EQ(checks[3], std::vector<std::uint64_t>{chunk.chunk});
  ASSERT_OK(heartbeat(node(2), {}, {chunk}));  // not there
  ASSERT_OK(heartbeat(node(3), {{chunk, 10}}));
  EXPECT_EQ(deleters(chunk, 7'000).size(), 1U);
  EXPECT_TRUE(until([&]() { return where("/f").size() == 2; }));
}

// Protects the only real copy from one that its datanode does not have: what a writer had named
// before the datanode registered is gone when the datanode does not report it.
TEST_F(RepairTest, WhatIsNotReportedAfterARegistrationIsNotThere) {
  addNodes(2);
  ASSERT_VALUE(const auto chunk, writeFile("/f", 10, 2));
  ASSERT_OK(heartbeat(node(1), {{chunk, 10}}));
  ASSERT_OK(enroll(node(2), "127.0.0.1:9002", false));
  ASSERT_VALUE(const auto unequal, compare(node(2), {}));
  ASSERT_EQ(unequal.size(), 1U);
  ASSERT_OK(reportRange(node(2), unequal[0], {}));
  ASSERT_OK(setReplication("/f", 1));
  EXPECT_EQ(deleters(chunk, 20'000), std::vector<std::uint32_t>());
  EXPECT_EQ(where("/f"), std::vector<std::uint32_t>{node(1).node});
}

// The same where only an older generation has come to light again.
TEST_F(RepairTest, AnOlderGenerationIsNotTheOneOnRecord) {
  addNodes(2);
  ASSERT_VALUE(const auto chunk, writeFile("/f", 10, 2));
  ASSERT_OK(heartbeat(node(1), {{chunk, 10}}));
  ASSERT_OK(enroll(node(2), "127.0.0.1:9002", false));
  const Placed older{chunk.chunk, chunk.generation - 1, {}};
  ASSERT_VALUE(const auto unequal, compare(node(2), {{older, 10}}));
  ASSERT_EQ(unequal.size(), 1U);
  ASSERT_OK(reportRange(node(2), unequal[0], {{older, 10}}));
  ASSERT_OK(setReplication("/f", 1));
  EXPECT_EQ(deleters(chunk, 1'000), std::vector<std::uint32_t>{node(2).node}) << "of the older one";
  EXPECT_EQ(deleters(chunk, 20'000), std::vector<std::uint32_t>());
  EXPECT_TRUE(until([&]() { return where("/f") == std::vector<std::uint32_t>{node(1).node}; }));
}

// Protects the books from a call of a connection that the datanode has given up.
TEST_F(RepairTest, AnOlderConnectionIsNotHeard) {
  addNodes(1);
  auto old = node(1).master;
  const auto oldPool = kj::mv(node(1).pool);
  ASSERT_OK(enroll(node(1), "127.0.0.1:9001"));
  auto late = old.heartbeatRequest();
  late.setNode(node(1).node);
  late.setEpoch(node(1).epoch);
  auto reply = wait(late.send());
  ASSERT_EQ(reply.getCommands().size(), 1U);
  EXPECT_TRUE(reply.getCommands()[0].isRegister());
  ASSERT_VALUE(const auto orders, heartbeat(node(1)));
  EXPECT_EQ(orders, std::vector<std::uint64_t>());
}

// Protects data from an order that was right when it was given: it is not sent when other copies
// have gone since.
TEST_F(RepairTest, AnOrderThatIsNotRightAnyMoreIsNotSent) {
  addNodes(2);
  const auto chunk = confirmedFile("/f", 2);
  ASSERT_OK(setReplication("/f", 1));
  pass(1000);  // decided, and not sent
  // Neither datanode knows yet who is to delete; whose copy is damaged now, the other keeps its
  // own.
  ASSERT_OK(heartbeat(node(2), {{chunk, 10, wire::ReplicaState::QUARANTINED}}));
  ASSERT_VALUE(const auto first, heartbeat(node(1)));
  EXPECT_EQ(std::ranges::count(first, chunk.chunk), 0);
  EXPECT_EQ(deleters(chunk, 70'000), std::vector<std::uint32_t>());
  EXPECT_EQ(where("/f"), std::vector<std::uint32_t>{1});
}
TEST_F(RepairTest, AnOrderThatIsTakenBackIsNotSent) {
  addNodes(3);
  const auto chunk = confirmedFile("/f", 3);
  ASSERT_OK(setReplication("/f", 1));
  pass(1000);
  ASSERT_OK(setReplication("/f", 3));
  EXPECT_EQ(deleters(chunk, 70'000), std::vector<std::uint32_t>());
  EXPECT_EQ(where("/f").size(), 3U);
}

// Protects the last copy from an order whose answer got lost: it is not sent again, and the copy,
// which may go any moment, is copied elsewhere first.
TEST_F(RepairTest, AnOrderIsNotRepeatedForTheLastCopy) {
  addNodes(3);
  const auto chunk = confirmedFile("/f", 2);
  ASSERT_OK(setReplication("/f", 1));
  const auto told = deleters(chunk);
  ASSERT_EQ(told.size(), 1U);
  const auto keeper = chunk.nodes[0] == told[0] ? chunk.nodes[1] : chunk.nodes[0];
  const auto third = 6 - keeper - told[0];
  ASSERT_OK(heartbeat(node(keeper), {{chunk, 10, wire::ReplicaState::QUARANTINED}}));
  EXPECT_EQ(copiers(chunk, 2000).size(), 1U);
  ASSERT_FALSE(node(third).copies.empty() && node(keeper).copies.empty());
  auto& target = node(third).copies.empty() ? node(keeper) : node(third);
  EXPECT_EQ(target.copies[0].sources, told);
  EXPECT_EQ(deleters(chunk, DELETE_REPEAT_MS + 10'000), std::vector<std::uint32_t>());
  ASSERT_OK(heartbeat(target, {{chunk, 10}}));
  EXPECT_EQ(deleters(chunk, DELETE_REPEAT_MS + 10'000), told) << "now it may go";
}

// Protects a damaged copy that is the last to stay: those that are to be deleted do not stand in
// for it, so it is looked at and kept.
TEST_F(RepairTest, CopiesThatLeaveDoNotReplaceADamagedOne) {
  addNodes(4);
  const auto chunk = confirmedFile("/f", 4);
  ASSERT_OK(setReplication("/f", 1));
  const auto leaving = deleters(chunk);
  ASSERT_EQ(leaving.size(), 3U);
  const auto keeper = 10 - leaving[0] - leaving[1] - leaving[2];
  ASSERT_OK(reportBad(chunk, keeper));
  std::vector<std::uint64_t> verifies;
  std::vector<std::uint64_t> checks;
  ASSERT_OK(heartbeat(node(keeper), {}, {}, &verifies, &checks));
  EXPECT_EQ(verifies, std::vector<std::uint64_t>());
  EXPECT_EQ(checks, std::vector<std::uint64_t>{chunk.chunk});
}

// Protects a reader from a copy that is known to be damaged, and the disk: it goes as soon as the
// one that was made for it is there.
TEST_F(RepairTest, ADamagedCopyGoesOnceItIsReplaced) {
  addNodes(3);
  const auto chunk = confirmedFile("/f", 2);
  auto& bad = node(chunk.nodes[0]);
  std::vector<std::uint64_t> verifies;
  std::vector<std::uint64_t> checks;
  const Replica damaged{chunk, 10, wire::ReplicaState::DAMAGED};
  ASSERT_OK(heartbeat(bad, {damaged}, {}, &verifies, &checks));
  EXPECT_EQ(checks, std::vector<std::uint64_t>{chunk.chunk});
  ASSERT_OK(heartbeat(bad, {damaged}));
  const auto told = copiers(chunk, 3'000);
  ASSERT_EQ(told.size(), 1U);
  ASSERT_OK(heartbeat(bad, {}, {}, &verifies));
  EXPECT_TRUE(verifies.empty()) << "the new one is not there yet";
  ASSERT_OK(heartbeat(node(told[0]), {{chunk, 10}}));
  ASSERT_OK(heartbeat(bad, {}, {}, &verifies));
  EXPECT_EQ(verifies, std::vector<std::uint64_t>{chunk.chunk});
}

// Protects a chunk from waiting for a copy that was read, and found damaged or gone, before anybody
// had told that it is there: another one is made, elsewhere, and what is good of it can be read.
TEST_F(RepairTest, ACopyThatIsBadWhenItIsFirstToldOfIsMadeAnew) {
  for (const auto state : {wire::ReplicaState::DAMAGED, wire::ReplicaState::QUARANTINED}) {
    const bool stays = state == wire::ReplicaState::DAMAGED;
    const std::string path = stays ? "/f" : "/g";
    addNodes(3);
    const auto chunk = confirmedFile(path, 1);
    ASSERT_OK(setReplication(path, 2));
    const auto told = copiers(chunk);
    ASSERT_EQ(told.size(), 1U);
    std::vector<std::uint64_t> verifies;
    std::vector<std::uint64_t> checks;
    ASSERT_OK(heartbeat(node(told[0]), {{chunk, 10, state}}, {}, &verifies, &checks));
    EXPECT_EQ(checks.size(), stays ? 1U : 0U);
    // After a pause, and once.
    const auto again = copiers(chunk, 8000);
    ASSERT_EQ(again.size(), 1U);
    if (stays) EXPECT_NE(again[0], told[0]);
    EXPECT_TRUE(until([&]() { return where(path).size() == (stays ? 2U : 1U); }));
  }
}

// Protects the only place for a copy from what stands there in its way: a newer generation, of a
// writer that has ended with another one. It goes while there is a good copy, and only then.
TEST_F(RepairTest, ANewerGenerationThatNobodyCanCommitGoes) {
  addNodes(2);
  const auto chunk = confirmedFile("/f", 1);
  ASSERT_VALUE(const auto later, writeFile("/g", 10));
  auto& holder = node(chunk.nodes[0]);
  auto& other = node(3 - holder.node);
  ASSERT_GT(later.generation, chunk.generation);
  const Placed newer{chunk.chunk, later.generation, {}};
  const auto ordered = [&](const Placed& what) {
    const auto orders = heartbeat(other, {{what, 10}});
    EXPECT_OK(orders);
    return std::ranges::count(*orders, chunk.chunk) > 0;
  };
  EXPECT_EQ(deleters(chunk, 5'000), std::vector<std::uint32_t>());
  silence(holder.node);
  pass(1'000);
  EXPECT_FALSE(ordered(newer)) << "there is no other";
  ASSERT_OK(enroll(holder, "127.0.0.1:9777", false));
  std::vector<Replica> held{{chunk, 10}};
  if (later.nodes[0] == holder.node) held.push_back({later, 10});
  ASSERT_VALUE(const auto unequal, compare(holder, held));
  ASSERT_TRUE(unequal.empty());
  ASSERT_OK(heartbeat(holder));
  EXPECT_TRUE(ordered(newer));
  ASSERT_OK(heartbeat(other, {}, {newer}));
  EXPECT_EQ(deleters(chunk, 70'000), std::vector<std::uint32_t>());
  auto append = namenode.appendRequest();
  fill(append);
  append.setPath("/f");
  ASSERT_OK(faultOf(wait(append.send())));
  EXPECT_FALSE(ordered(newer)) << "it may be the writer's";
}

// Protects a chunk from waiting for a copy that nobody can make: the only source is forgotten while
// the order waits.
TEST_F(RepairTest, AnOrderWithoutSourcesEnds) {
  addNodes(2);
  const auto chunk = confirmedFile("/f", 1);
  auto& other = node(3 - chunk.nodes[0]);
  const auto underWay = [&](int count) {
    const auto line = "\ncairn_namenode_copies_open " + std::to_string(count) + "\n";
    return metrics.exposition().find(line) != std::string::npos;
  };
  ASSERT_OK(setReplication("/f", 2));
  ASSERT_TRUE(until([&]() { return underWay(1); }));
  // Another datanode takes the source's place.
  FakeDatanode fresh;
  ASSERT_OK(enroll(fresh, "127.0.0.1:" + std::to_string(9000 + chunk.nodes[0])));
  pass(70'000);
  ASSERT_TRUE(until([&]() { return report().getReport().getDatanodes().size() == 2; }));
  ASSERT_OK(heartbeat(other));
  EXPECT_TRUE(other.copies.empty());
  EXPECT_TRUE(until([&]() { return underWay(0); }));
}

// Protects whoever wants many copies, or many less: what does not fit into one look follows.
TEST_F(RepairTest, ManyCopiesComeAndGo) {
  constexpr unsigned MANY = 2 * COPIES_A_PLAN + 5;
  addNodes(MANY);
  const auto chunk = confirmedFile("/f", 1);
  ASSERT_OK(setReplication("/f", MANY));
  const auto told = copiers(chunk, 3'000);
  EXPECT_EQ(std::set(told.begin(), told.end()).size(), MANY - 1);
  EXPECT_EQ(told.size(), MANY - 1);
  for (const auto number : told) ASSERT_OK(heartbeat(node(number), {{chunk, 10}}));
  ASSERT_OK(setReplication("/f", 1));
  const auto going = deleters(chunk, 3'000);
  EXPECT_EQ(std::set(going.begin(), going.end()).size(), MANY - 1);
  EXPECT_EQ(going.size(), MANY - 1);
}

// Protects a chunk from a copy that fails, and finds the damage that was the reason.
TEST_F(RepairTest, AFailedCopyIsTriedAgain) {
  addNodes(3);
  const auto chunk = confirmedFile("/f", 2);
  ASSERT_OK(setReplication("/f", 3));
  const auto told = copiers(chunk);
  ASSERT_EQ(told.size(), 1U);
  const auto damaged = node(told[0]).copies[0].sources.front();
  ASSERT_OK(copyFailed(node(told[0]), chunk, {damaged}));
  EXPECT_EQ(copiers(chunk, 4000), std::vector<std::uint32_t>());
  EXPECT_EQ(copiers(chunk, 3000), told);
  EXPECT_EQ(report().getReport().getCorruptReplicas(), 1U);
  EXPECT_NE(node(told[0]).copies[0].sources.front(), damaged) << "the good one comes first";
}

// Protects against a storm of copies for a datanode that is restarted, and a chunk whose datanode
// does not come back.
TEST_F(RepairTest, ADeadDatanodesCopiesAreMadeAnew) {
  addNodes(3);
  const auto chunk = confirmedFile("/f", 2);
  silence(chunk.nodes[0]);
  EXPECT_EQ(copiers(chunk, options.config.datanodeDeadMs - 10'000), std::vector<std::uint32_t>());
  const auto told = copiers(chunk, 20'000);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(node(told[0]).copies[0].sources, std::vector<std::uint32_t>{chunk.nodes[1]});
  ASSERT_OK(heartbeat(node(told[0]), {{chunk, 10}}));
  std::vector<std::uint32_t> left{chunk.nodes[1], told[0]};
  std::ranges::sort(left);
  EXPECT_TRUE(until([&]() { return where("/f") == left; })) << "the dead one's is none";
  // It comes back, after all, with its copy: one too many.
  FakeDatanode& back = node(chunk.nodes[0]);
  ASSERT_OK(enroll(back, "127.0.0.1:9777", false));
  ASSERT_VALUE(const auto unequal, compare(back, {{chunk, 10}}));
  EXPECT_EQ(unequal.size(), 0U);
  EXPECT_EQ(deleters(chunk, 8000).size(), 1U);
}

// Protects a copy that is under way when its datanode is restarted.
TEST_F(RepairTest, ADatanodeThatBeginsAnewIsToldAgain) {
  addNodes(2);
  const auto chunk = confirmedFile("/f", 1);
  ASSERT_OK(setReplication("/f", 2));
  const auto told = copiers(chunk);
  ASSERT_EQ(told.size(), 1U);
  ASSERT_OK(enroll(node(told[0]), "127.0.0.1:9778"));
  EXPECT_EQ(copiers(chunk), told);
}

TEST_F(RepairTest, NothingIsRepairedInSafeMode) {
  addNodes(3);
  const auto chunk = confirmedFile("/f", 2);
  ASSERT_OK(setReplication("/f", 1));
  ASSERT_OK(safeMode(wire::SafeModeAction::ENTER));
  EXPECT_EQ(deleters(chunk, 5000), std::vector<std::uint32_t>());
  ASSERT_OK(safeMode(wire::SafeModeAction::LEAVE));
  EXPECT_EQ(deleters(chunk, 5000).size(), 1U);
}

// Protects setrep after a restart: an equal digest confirms all copies of its range.
TEST_F(RepairTest, EqualInventoriesConfirm) {
  addNodes(2);
  const auto chunk = confirmedFile("/f", 2);
  std::vector<Uuid> uuids;
  for (auto& datanode : datanodes) uuids.push_back(datanode->uuid);
  restart();
  for (unsigned i = 0; i < 2; ++i) {
    auto& datanode = *datanodes.emplace_back(std::make_unique<FakeDatanode>());
    datanode.uuid = uuids[i];
    ASSERT_OK(enroll(datanode, "127.0.0.1:" + std::to_string(9001 + i), false));
    ASSERT_VALUE(const auto unequal, compare(datanode, {{chunk, 10}}));
    EXPECT_EQ(unequal.size(), 0U);
  }
  pass(1000);
  ASSERT_OK(setReplication("/f", 1));
  EXPECT_EQ(deleters(chunk, 8000).size(), 1U);
}

// Protects a file that is written right after a restart: it is not placed on the one datanode that
// is the first to come back, while the others are expected, for a few seconds.
TEST_F(RepairTest, AfterARestartWritersWaitAMomentForTheOthers) {
  addNodes(2);
  std::vector<Uuid> uuids;
  for (auto& datanode : datanodes) uuids.push_back(datanode->uuid);
  const auto comeBack = [&](unsigned i) {
    auto& datanode = *datanodes.emplace_back(std::make_unique<FakeDatanode>());
    datanode.uuid = uuids[i];
    ASSERT_OK(enroll(datanode, "127.0.0.1:" + std::to_string(9001 + i)));
  };
  restart();
  comeBack(0);
  ASSERT_VALUE(const auto file, create("/f", 0, "root", 2));
  const auto refused = addChunk(file);
  EXPECT_CODE(Code::PLACEMENT_FAILED, refused);
  EXPECT_GT(refused.error().retryAfterMs(), 0U);
  comeBack(1);
  ASSERT_VALUE(const auto both, addChunk(file));
  EXPECT_EQ(both.nodes.size(), 2U);
  restart();
  comeBack(0);
  ASSERT_VALUE(const auto other, create("/g", 0, "root", 2));
  EXPECT_CODE(Code::PLACEMENT_FAILED, addChunk(other));
  pass(10'000);
  ASSERT_OK(heartbeat(*datanodes.back()));
  ASSERT_VALUE(const auto one, addChunk(other));
  EXPECT_EQ(one.nodes.size(), 1U) << "it may be dead";
}

// Protects the namenode from what a datanode may say.
TEST_F(RepairTest, FailuresNobodyAskedForAreNothing) {
  addNodes(2);
  const auto chunk = confirmedFile("/f", 1);
  EXPECT_OK(copyFailed(node(1), chunk, {77}));
  EXPECT_OK(copyFailed(node(2), {.chunk = 12345, .generation = 7, .nodes = {}}, {1}));
  std::vector<std::uint32_t> many(limits::REPLICATION_MAX + 1, 1);
  EXPECT_CODE(Code::LIMIT_EXCEEDED, copyFailed(node(1), chunk, many));
  EXPECT_EQ(copiers(chunk, 10'000), std::vector<std::uint32_t>());
}

}  // namespace
}  // namespace cairn::nn
