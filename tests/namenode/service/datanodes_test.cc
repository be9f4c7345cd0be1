// What the namenode makes of its datanodes: registration, inventories, deletes, safe mode, silence;
// and the duties that work with them.
#include <sys/stat.h>

#include <latch>
#include <map>
#include <set>

#include "namenode/datanodes/suspect_replicas.h"
#include "namenode/meta/keys.h"
#include "namenode/service/datanode_input.h"
#include "tests/namenode/service/fixture.h"
#include "tests/testkit/scratch.h"

namespace cairn::nn {
namespace {

class DatanodesTest : public NamenodeTest {
protected:
  std::uint64_t garbage() { return report().getReport().getPendingReclaims(); }
  bool inSafeMode() { return safeMode().value(); }
};

// Protects a datanode's number over restarts of both sides, and against a copied directory.
TEST_F(DatanodesTest, ADatanodeKeepsItsNumber) {
  auto& first = addDatanode();
  auto& second = addDatanode();
  EXPECT_NE(first.node, second.node);
  FakeDatanode copied;
  copied.uuid = first.uuid;
  EXPECT_CODE(Code::IN_USE, enroll(copied, "127.0.0.1:9999"));

  const auto uuid = second.uuid;
  const auto node = second.node;
  restart();
  FakeDatanode back;
  back.uuid = uuid;
  ASSERT_OK(enroll(back, "127.0.0.1:9500"));
  EXPECT_EQ(back.node, node);
}

// Protects an older or foreign registration from being taken for a present one.
TEST_F(DatanodesTest, AHeartbeatOfAnotherEpochIsToldToRegister) {
  auto& datanode = addDatanode();
  ++datanode.epoch;
  ASSERT_VALUE(const auto orders, heartbeat(datanode));
  EXPECT_EQ(orders, std::vector<std::uint64_t>{0});
}

// Protects the point of removing: replicas go from the datanodes, once, and only after the removal.
TEST_F(DatanodesTest, RemovedFilesAreReclaimed) {
  auto& datanode = addDatanode();
  ASSERT_OK(mkdirs("/d/e"));
  ASSERT_VALUE(const auto one, writeFile("/d/one", 10));
  ASSERT_VALUE(const auto two, writeFile("/d/e/two", 20));
  ASSERT_VALUE(const auto kept, writeFile("/kept", 30));
  ASSERT_VALUE(auto orders, heartbeat(datanode));
  EXPECT_TRUE(orders.empty());
  ASSERT_OK(remove("/d"));
  std::vector<std::uint64_t> all;
  ASSERT_TRUE(until([&]() {
    for (const auto chunk : heartbeat(datanode).value()) all.push_back(chunk);
    return all.size() >= 2;
  }));
  std::ranges::sort(all);
  EXPECT_EQ(all, (std::vector<std::uint64_t>{one.chunk, two.chunk}));
  ASSERT_VALUE(orders, heartbeat(datanode, {}, {one, two}));
  EXPECT_TRUE(orders.empty());
  EXPECT_EQ(garbage(), 0U);
  auto seen = report();
  EXPECT_EQ(seen.getReport().getFiles(), 1U);
  EXPECT_EQ(seen.getReport().getDirectories(), 1U);
  EXPECT_EQ(seen.getReport().getChunks(), 1U);
  EXPECT_EQ(seen.getReport().getDatanodes()[0].getReplicas(), 1U);
}

// Protects a removal that a crash interrupts: what was not reclaimed yet is afterwards.
TEST_F(DatanodesTest, ReclaimingGoesOnAfterARestart) {
  auto& datanode = addDatanode();
  const Uuid uuid = datanode.uuid;
  ASSERT_OK(mkdirs("/d"));
  std::vector<Replica> inventory;
  for (int i = 0; i < 20; ++i) {
    ASSERT_VALUE(const auto chunk, writeFile("/d/" + std::to_string(i), 10));
    inventory.push_back({chunk, 10});
  }
  ASSERT_OK(remove("/d"));
  crash();
  start();
  auto& back = *datanodes.emplace_back(std::make_unique<FakeDatanode>());
  back.uuid = uuid;
  ASSERT_OK(enroll(back, "127.0.0.1:9001", false));
  ASSERT_VALUE(const auto unequal, compare(back, inventory));
  // Reclaimed or not by the time it crashed: either way all copies go.
  for (const auto range : unequal) ASSERT_OK(reportRange(back, range, inventory));
  std::set<std::uint64_t> ordered;
  EXPECT_TRUE(until([&]() {
    for (const auto chunk : heartbeat(back).value()) ordered.insert(chunk);
    return ordered.size() == inventory.size();
  }));
}

// Protects a restart from asking for lists of replicas that are known: equal digests say it all.
TEST_F(DatanodesTest, EqualInventoriesAreNotExchanged) {
  auto& datanode = addDatanode();
  const Uuid uuid = datanode.uuid;
  ASSERT_VALUE(const auto one, writeFile("/one", 10));
  ASSERT_VALUE(const auto two, writeFile("/two", 20));
  restart();
  EXPECT_TRUE(inSafeMode());
  EXPECT_CODE(Code::SAFE_MODE, mkdirs("/d"));
  // Reads are served at once.
  ASSERT_VALUE(const auto where, locations("/one"));
  ASSERT_EQ(where.size(), 1U);
  EXPECT_EQ(where[0].nodes.size(), 1U);
  auto& back = *datanodes.emplace_back(std::make_unique<FakeDatanode>());
  back.uuid = uuid;
  ASSERT_OK(enroll(back, "127.0.0.1:9001", false));
  EXPECT_TRUE(inSafeMode());
  ASSERT_VALUE(const auto unequal, compare(back, {{one, 10}, {two, 20}}));
  EXPECT_TRUE(unequal.empty());
  EXPECT_FALSE(inSafeMode());
  EXPECT_OK(mkdirs("/d"));
}

// Protects against a datanode that lost a replica, has one of a removed file, and one of an old
// generation while nobody looked: the exchange of the range brings it out.
TEST_F(DatanodesTest, UnequalInventoriesAreSettled) {
  auto& datanode = addDatanode();
  const Uuid uuid = datanode.uuid;
  ASSERT_VALUE(const auto lost, writeFile("/lost", 10));
  ASSERT_VALUE(const auto kept, writeFile("/kept", 20));
  ASSERT_VALUE(const auto removed, writeFile("/removed", 30));
  ASSERT_OK(remove("/removed"));
  ASSERT_TRUE(until([&]() { return heartbeat(datanode).value().size() == 1; }));
  restart();
  auto& back = *datanodes.emplace_back(std::make_unique<FakeDatanode>());
  back.uuid = uuid;
  ASSERT_OK(enroll(back, "127.0.0.1:9001", false));
  Placed unknown = kept;
  unknown.chunk += (1ULL << 40) + 1;  // no number that is handed out: left alone
  const std::vector<Replica> inventory{{kept, 20}, {removed, 30}, {unknown, 5}};
  ASSERT_VALUE(const auto unequal, compare(back, inventory));
  ASSERT_EQ(unequal.size(), 2U);
  EXPECT_TRUE(inSafeMode());
  ASSERT_OK(reportRange(back, unequal[0], {{kept, 20}, {removed, 30}}));
  ASSERT_OK(reportRange(back, unequal[1], {{unknown, 5}}));
  EXPECT_FALSE(inSafeMode());
  std::vector<std::uint64_t> orders;
  ASSERT_TRUE(until([&]() { return !(orders = heartbeat(back).value()).empty(); }));
  EXPECT_EQ(orders, std::vector<std::uint64_t>{removed.chunk});
  ASSERT_TRUE(until([&]() { return locations("/lost").value()[0].nodes.empty(); }));
  EXPECT_EQ(locations("/kept").value()[0].nodes.size(), 1U);
  auto seen = report();
  EXPECT_EQ(seen.getReport().getMissing(), 1U);
}

// Protects the way out of safe mode when a datanode never comes back: enough chunks are there
// without it.
TEST_F(DatanodesTest, SafeModeEndsWithoutANodeThatIsNotNeeded) {
  auto& first = addDatanode();
  addDatanode();
  const Uuid uuid = first.uuid;
  ASSERT_VALUE(const auto chunk, writeFile("/f", 10, 2));
  EXPECT_EQ(chunk.nodes.size(), 2U);
  restart();
  auto& back = *datanodes.emplace_back(std::make_unique<FakeDatanode>());
  back.uuid = uuid;
  ASSERT_OK(enroll(back, "127.0.0.1:9001", false));
  ASSERT_VALUE(const auto unequal, compare(back, {{chunk, 10}}));
  EXPECT_TRUE(unequal.empty());
  EXPECT_TRUE(until([&]() { return !inSafeMode(); }));
  auto seen = report();
  EXPECT_EQ(seen.getReport().getUnderReplicated(), 1U);
}

// Protects the operator's safe mode from ending by itself, and from others' hands.
TEST_F(DatanodesTest, AnOperatorsSafeModeStays) {
  EXPECT_CODE(Code::PERMISSION_DENIED, safeMode(wire::SafeModeAction::ENTER, "alice"));
  ASSERT_OK(safeMode(wire::SafeModeAction::ENTER));
  addDatanode();
  EXPECT_CODE(Code::SAFE_MODE, mkdirs("/d"));
  ASSERT_OK(safeMode(wire::SafeModeAction::LEAVE));
  EXPECT_OK(mkdirs("/d"));
}

// Protects writers from datanodes that cannot be reached, and says why when none is left.
TEST_F(DatanodesTest, ALostDatanodeGetsNoChunks) {
  addDatanode();
  auto& second = addDatanode();
  const auto lostNode = second.node;
  ASSERT_VALUE(const auto file, create("/f", 0, "root", 2));
  ASSERT_VALUE(const auto both, addChunk(file));
  EXPECT_EQ(both.nodes.size(), 2U);
  second.master = nullptr;
  second.pool = nullptr;
  ASSERT_TRUE(until([&]() {
    auto seen = report();
    for (auto datanode : seen.getReport().getDatanodes()) {
      if (datanode.getAddress().getNode() == lostNode) return !datanode.getLive();
    }
    return false;
  }));
  ASSERT_VALUE(const auto one, addChunk(file, both, 10));
  EXPECT_EQ(one.nodes.size(), 1U);
  EXPECT_NE(one.nodes[0], lostNode);
}

class SuspectTest : public DatanodesTest {
protected:
  void SetUp() override {
    DatanodesTest::SetUp();
    for (int i = 0; i < 3; ++i) addDatanode();
    ASSERT_VALUE(chunk, writeFile("/f", 10, 3));
    ASSERT_OK(reportBad(0));
  }
  // A reader says so of the copy on this holder.
  Result<void> reportBad(unsigned i) { return NamenodeTest::reportBad(chunk, chunk.nodes[i]); }
  FakeDatanode& holder(unsigned i) {
    for (auto& datanode : datanodes) {
      if (datanode->node == chunk.nodes[i]) return *datanode;
    }
    throw std::logic_error("no such datanode");
  }
  // What a heartbeat of this holder asks to be verified, and to be put aside if it is damaged.
  std::vector<std::uint64_t> asked(unsigned i, const std::vector<Replica>& changed = {}) {
    std::vector<std::uint64_t> verifies;
    EXPECT_OK(heartbeat(holder(i), changed, {}, &verifies));
    return verifies;
  }
  // The same for what is to stay in any case.
  std::vector<std::uint64_t> checked(unsigned i, const std::vector<Replica>& changed = {}) {
    std::vector<std::uint64_t> checks;
    EXPECT_OK(heartbeat(holder(i), changed, {}, nullptr, &checks));
    return checks;
  }
  std::vector<std::uint32_t> readers() { return locations("/f").value()[0].nodes; }
  std::uint64_t corrupt() { return report().getReport().getCorruptReplicas(); }

  Placed chunk;
};

// Protects readers: a copy that was reported damaged is tried last; and its datanode, alone, is
// asked to look at it, again when it does not answer.
TEST_F(SuspectTest, IsReadLastAndVerified) {
  for (int i = 0; i < 10; ++i) EXPECT_EQ(readers().back(), chunk.nodes[0]);
  EXPECT_EQ(corrupt(), 1U);
  EXPECT_TRUE(asked(1).empty());
  EXPECT_EQ(asked(0), std::vector<std::uint64_t>{chunk.chunk});
  EXPECT_TRUE(asked(0).empty());
  clock.advanceMs(SuspectReplicas::REPEAT_MS);
  for (unsigned i : {1u, 2u}) EXPECT_OK(heartbeat(holder(i)));  // they live
  EXPECT_EQ(asked(0), std::vector<std::uint64_t>{chunk.chunk});
}

// Protects a good copy from a reader's mistake: once its datanode has verified it, it counts again.
// What the datanode had said before it was asked proves nothing.
TEST_F(SuspectTest, AGoodCopyIsTrustedAgain) {
  EXPECT_EQ(asked(0, {{chunk, 10}}), std::vector<std::uint64_t>{chunk.chunk});
  EXPECT_EQ(corrupt(), 1U);
  EXPECT_TRUE(asked(0, {{chunk, 10}}).empty());
  EXPECT_EQ(corrupt(), 0U);
  EXPECT_EQ(readers().size(), 3U);
}

// Protects data: the place of a damaged copy is forgotten, the good ones stay, nothing is deleted.
TEST_F(SuspectTest, ADamagedCopyIsNoPlaceToReadFrom) {
  ASSERT_EQ(asked(0).size(), 1U);
  EXPECT_TRUE(asked(0, {{chunk, 10, wire::ReplicaState::QUARANTINED}}).empty());
  ASSERT_TRUE(until([&]() { return readers().size() == 2; }));
  for (const auto node : readers()) EXPECT_NE(node, chunk.nodes[0]);
  EXPECT_EQ(corrupt(), 0U);
  EXPECT_EQ(report().getReport().getUnderReplicated(), 1U);
  for (unsigned i = 0; i < 3; ++i) {
    ASSERT_VALUE(const auto orders, heartbeat(holder(i)));
    EXPECT_TRUE(orders.empty());
  }
}

// Protects the last good frames: each of several copies may be damaged in another place. Nothing is
// put aside without two others that seem good, nor when those who hold them cannot be reached.
TEST_F(SuspectTest, ACopyThatMayBeNeededIsKept) {
  ASSERT_OK(reportBad(1));
  EXPECT_TRUE(asked(0).empty());
  clock.advanceMs(SuspectReplicas::REPEAT_MS);
  for (unsigned i = 0; i < 3; ++i) EXPECT_OK(heartbeat(holder(i)));
  clock.advanceMs(SuspectReplicas::REPEAT_MS);
  for (unsigned i : {1u, 2u}) EXPECT_OK(heartbeat(holder(i)));
  EXPECT_EQ(checked(0), std::vector<std::uint64_t>{chunk.chunk});
  EXPECT_EQ(readers().size(), 3U);
  // Looked at and damaged indeed: it stays, behind the others.
  EXPECT_TRUE(checked(0, {{chunk, 10, wire::ReplicaState::DAMAGED}}).empty());
  EXPECT_EQ(corrupt(), 2U);
  EXPECT_EQ(readers().size(), 3U);
  EXPECT_EQ(readers().front(), chunk.nodes[2]);
  EXPECT_EQ(report().getReport().getUnderReplicated(), 1U);
  // Nobody reads it again and again; the next day it may have been a cable.
  const auto pass = [&](std::int64_t ms) {
    clock.advanceMs(ms);
    for (unsigned i = 0; i < 3; ++i) EXPECT_OK(heartbeat(holder(i)));
    clock.advanceMs(SuspectReplicas::REPEAT_MS);
    for (unsigned i : {1u, 2u}) EXPECT_OK(heartbeat(holder(i)));
  };
  pass(0);
  EXPECT_TRUE(checked(0).empty());
  pass(SuspectReplicas::CONFIRMED_MS);
  EXPECT_EQ(checked(0), std::vector<std::uint64_t>{chunk.chunk});
  // The other one turns out to be good: this one can be done without.
  clock.advanceMs(SuspectReplicas::REPEAT_MS);
  for (unsigned i = 0; i < 3; ++i) EXPECT_OK(heartbeat(holder(i)));
  EXPECT_OK(heartbeat(holder(1), {{chunk, 10}}));
  EXPECT_EQ(corrupt(), 1U);
  clock.advanceMs(SuspectReplicas::REPEAT_MS);
  for (unsigned i : {1u, 2u}) EXPECT_OK(heartbeat(holder(i)));
  EXPECT_EQ(asked(0), std::vector<std::uint64_t>{chunk.chunk});
}

// Protects readers and the operator: what a datanode itself reads wrong is known for suspect, and
// a chunk of which every copy is, is told to be so.
TEST_F(SuspectTest, ADatanodesOwnWordIsEnough) {
  unsigned suspects = 0;
  std::set<std::uint32_t> nodes;
  const auto damaged = [&]() {
    auto request = namenode.getLocationsRequest();
    fill(request);
    request.setPath("/f");
    request.setLength(UINT64_MAX);
    auto reply = wait(request.send());
    EXPECT_OK(faultOf(reply));
    suspects = reply.getChunks()[0].getSuspects();
    nodes.clear();
    for (auto node : reply.getChunks()[0].getSuspectNodes()) nodes.insert(node);
    return reply.getChunks()[0].getDamaged();
  };
  EXPECT_OK(heartbeat(holder(1), {{chunk, 10, wire::ReplicaState::DAMAGED}}));
  EXPECT_EQ(corrupt(), 2U);
  EXPECT_EQ(readers().front(), chunk.nodes[2]);
  EXPECT_FALSE(damaged());
  EXPECT_EQ(suspects, 2U);
  EXPECT_EQ(nodes.size(), 2U);
  EXPECT_FALSE(nodes.contains(chunk.nodes[2]));
  EXPECT_OK(heartbeat(holder(2), {{chunk, 10, wire::ReplicaState::DAMAGED}}));
  EXPECT_EQ(corrupt(), 3U);
  EXPECT_EQ(readers().size(), 3U);
  EXPECT_TRUE(damaged());
  EXPECT_EQ(suspects, 3U);
  // Of a copy that is not on record it says nothing.
  auto older = chunk;
  older.generation -= 1;
  older.chunk += 1000;
  EXPECT_OK(heartbeat(holder(2), {{older, 10, wire::ReplicaState::DAMAGED}}));
  EXPECT_EQ(corrupt(), 3U);
}

// Protects readers from a damaged copy that becomes one of a newer generation: it keeps its frames.
TEST_F(SuspectTest, ARecoveredCopyStaysSuspect) {
  ASSERT_EQ(asked(0).size(), 1U);
  auto append = namenode.appendRequest();
  fill(append);
  append.setPath("/f");
  ASSERT_OK(faultOf(wait(append.send())));
  auto recover = namenode.recoverLeaseRequest();
  fill(recover);
  recover.setPath("/f");
  ASSERT_OK(faultOf(wait(recover.send())));
  FakeDatanode* const primary = untilRecovery({&holder(0), &holder(1), &holder(2)});
  ASSERT_NE(primary, nullptr);
  const auto order = primary->recoveries.back();
  const Placed newer{chunk.chunk, order.newGeneration, chunk.nodes};
  // Its datanode tells before the outcome is known.
  EXPECT_OK(heartbeat(holder(0), {{newer, 10}}, {chunk}));
  EXPECT_EQ(corrupt(), 1U);
  ASSERT_OK(commitRecovery(*primary, order, 10, chunk.nodes));
  EXPECT_TRUE(asked(0, {{newer, 10}}).empty()) << "it was not asked about this one";
  EXPECT_EQ(corrupt(), 1U);
  clock.advanceMs(SuspectReplicas::REPEAT_MS);
  for (unsigned i = 0; i < 3; ++i) EXPECT_OK(heartbeat(holder(i)));
  EXPECT_EQ(asked(0), std::vector<std::uint64_t>{chunk.chunk});
  EXPECT_OK(heartbeat(holder(0), {{chunk, 10}}));
  EXPECT_EQ(corrupt(), 1U) << "of the older generation";
  EXPECT_OK(heartbeat(holder(0), {{newer, 10}}));
  EXPECT_EQ(corrupt(), 0U);
}

TEST_F(SuspectTest, ACopyThatIsGoneIsSuspectNoMore) {
  ASSERT_EQ(asked(0).size(), 1U);
  EXPECT_OK(heartbeat(holder(0), {}, {chunk}));
  EXPECT_EQ(corrupt(), 0U);
}

// Protects the list of suspects from what is not there any more.
TEST_F(SuspectTest, ARemovedCopyIsSuspectNoMore) {
  ASSERT_OK(remove("/f"));
  ASSERT_TRUE(until([&]() { return report().getReport().getChunks() == 0; }));
  EXPECT_TRUE(asked(0).empty());
  EXPECT_EQ(corrupt(), 0U);
}

// Protects the list of datanodes: one that comes back without its directory is another one, and
// what it was before goes, with the orders to it. Its files are short of a copy, not lost.
TEST_F(DatanodesTest, WhoLosesItsDirectoryIsForgotten) {
  auto& lost = addDatanode();
  const auto lostNode = lost.node;
  auto& other = addDatanode();
  ASSERT_VALUE(const auto kept, writeFile("/kept", 10, 2));
  ASSERT_OK(writeFile("/removed", 10, 2));
  ASSERT_OK(remove("/removed"));
  ASSERT_TRUE(until([&]() { return garbage() == 2; }));  // an order to each
  FakeDatanode back;
  ASSERT_OK(enroll(back, "127.0.0.1:9001"));
  EXPECT_NE(back.node, lostNode);
  ASSERT_TRUE(until([&]() {
    EXPECT_OK(heartbeat(other));
    return report().getReport().getDatanodes().size() == 2;
  }));
  EXPECT_EQ(garbage(), 1U);
  ASSERT_TRUE(until([&]() { return locations("/kept").value()[0].nodes.size() == 1; }));
  EXPECT_EQ(report().getReport().getUnderReplicated(), 1U);
  EXPECT_EQ(report().getReport().getMissing(), 0U);
  // For good.
  crash();
  start();
  EXPECT_EQ(report().getReport().getDatanodes().size(), 2U);
}

// Protects datanodes that all start anew, with addresses changed: who comes soon is who it was.
TEST_F(DatanodesTest, WhoMovesInTimeStays) {
  auto& moved = addDatanode();
  const Uuid uuid = moved.uuid;
  const auto node = moved.node;
  ASSERT_VALUE(const auto chunk, writeFile("/f", 10));
  FakeDatanode other;
  ASSERT_OK(enroll(other, "127.0.0.1:9001"));
  pass(10'000);
  FakeDatanode back;
  back.uuid = uuid;
  ASSERT_OK(enroll(back, "127.0.0.1:9002", false));
  EXPECT_EQ(back.node, node);
  ASSERT_VALUE(const auto unequal, compare(back, {{chunk, 10}}));
  EXPECT_TRUE(unequal.empty());
  pass(120'000);
  EXPECT_EQ(locations("/f").value()[0].nodes, std::vector<std::uint32_t>{node});
  EXPECT_EQ(report().getReport().getDatanodes().size(), 2U);
}

// Protects datanodes that listen on all addresses of their machines from each other: as "0.0.0.0"
// they would be one and the same, and clients would connect to themselves.
TEST_F(DatanodesTest, NobodyRegistersWithAWildcard) {
  for (const char* wildcard : {"0.0.0.0:9000", "[::]:9000", "*:9000"}) {
    FakeDatanode datanode;
    const auto refused = enroll(datanode, wildcard);
    EXPECT_CODE(Code::INVALID_ARGUMENT, refused) << wildcard;
    EXPECT_NE(testkit::messageOf(refused).find("datanode.advertise_address"), std::string::npos);
  }
  EXPECT_EQ(report().getReport().getDatanodes().size(), 0U);
}

// Protects a datanode that was moved to another address while another took its own: nothing of it
// is lost when it comes.
TEST_F(DatanodesTest, WhoHasMovedComesBack) {
  auto& moved = addDatanode();
  const Uuid uuid = moved.uuid;
  ASSERT_VALUE(const auto chunk, writeFile("/f", 10));
  FakeDatanode other;
  ASSERT_OK(enroll(other, "127.0.0.1:9001"));
  ASSERT_TRUE(until([&]() { return report().getReport().getDatanodes().size() == 1; }));
  EXPECT_TRUE(locations("/f").value()[0].nodes.empty());
  FakeDatanode back;
  back.uuid = uuid;
  ASSERT_OK(enroll(back, "127.0.0.1:9002", false));
  ASSERT_VALUE(const auto unequal, compare(back, {{chunk, 10}}));
  ASSERT_EQ(unequal.size(), 1U);
  ASSERT_OK(reportRange(back, unequal[0], {{chunk, 10}}));
  ASSERT_TRUE(until([&]() { return locations("/f").value()[0].nodes.size() == 1; }));
  EXPECT_EQ(locations("/f").value()[0].nodes[0], back.node);
}

// Protects readers from a detour: the copy on their own machine comes first, then one in their
// rack.
TEST_F(DatanodesTest, TheNearestCopyComesFirst) {
  stop();
  options.config.rackTable = {{"127.0.0.1", "/r1"}, {"10.0.0.2", "/r1"}, {"10.0.0.3", "/r2"}};
  start();
  std::vector<std::uint32_t> nodes;
  for (const char* address : {"10.0.0.3:9000", "10.0.0.2:9000", "127.0.0.1:9001"}) {
    auto& datanode = *datanodes.emplace_back(std::make_unique<FakeDatanode>());
    ASSERT_OK(enroll(datanode, address));
    nodes.push_back(datanode.node);
    if (nodes.size() == 2) ASSERT_OK(writeFile("/rack", 10, 2));
  }
  ASSERT_OK(writeFile("/machine", 10, 3));
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(locations("/rack").value()[0].nodes,
              (std::vector<std::uint32_t>{nodes[1], nodes[0]}));
    EXPECT_EQ(locations("/machine").value()[0].nodes,
              (std::vector<std::uint32_t>{nodes[2], nodes[1], nodes[0]}));
  }
}

// The operator's table counts most, then the operator's program, then what the datanode says.
TEST_F(DatanodesTest, TheRackScriptIsAskedForHostsThatTheTableDoesNotName) {
  const testkit::ScratchDir scratch;
  const auto script = scratch / "racks.sh";
  testkit::writeFile(script, "#!/bin/sh\ntest $1 = 10.0.0.4 && exit 1\necho /scripted-${1##*.}\n");
  ASSERT_EQ(::chmod(script.c_str(), 0755), 0);
  stop();
  options.config.rackTable = {{"10.0.0.2", "/table"}};
  options.config.rackScript = script;
  start();
  std::map<std::string, std::string> racks;
  for (const char* address : {"10.0.0.2:9000", "10.0.0.3:9000", "10.0.0.4:9000"}) {
    auto& datanode = *datanodes.emplace_back(std::make_unique<FakeDatanode>());
    ASSERT_OK(enroll(datanode, address));
  }
  for (const auto datanode : report().getReport().getDatanodes()) {
    const auto address = datanode.getAddress();
    racks[rpc::toString(address.getAddress())] = rpc::toString(address.getRack());
  }
  EXPECT_EQ(racks, (std::map<std::string, std::string>{{"10.0.0.2:9000", "/table"},
                                                       {"10.0.0.3:9000", "/scripted-3"},
                                                       {"10.0.0.4:9000", "/default-rack"}}));
}

// Protects the namenode's memory, and clients, from what a datanode may say of itself.
TEST_F(DatanodesTest, WhatADatanodeSaysHasLimits) {
  auto& datanode = addDatanode();
  FakeDatanode stranger;
  EXPECT_CODE(Code::INVALID_ARGUMENT, enroll(stranger, "nowhere"));
  EXPECT_CODE(Code::LIMIT_EXCEEDED, enroll(stranger, std::string(2000, 'x') + ":1"));

  auto beat = datanode.master.heartbeatRequest();
  beat.setNode(datanode.node);
  beat.setEpoch(datanode.epoch);
  beat.initVolumes(VOLUMES_MAX + 1);
  EXPECT_CODE(Code::LIMIT_EXCEEDED, faultOf(wait(beat.send())));
  beat = datanode.master.heartbeatRequest();
  beat.setNode(datanode.node);
  beat.setEpoch(datanode.epoch);
  beat.initRemoved(REPLICAS_PER_CALL_MAX + 1);
  EXPECT_CODE(Code::LIMIT_EXCEEDED, faultOf(wait(beat.send())));

  auto compared = datanode.master.compareInventoryRequest();
  compared.setNode(datanode.node);
  compared.setEpoch(datanode.epoch);
  compared.initRanges(1)[0].setRange(~0ULL);
  EXPECT_CODE(Code::INVALID_ARGUMENT, faultOf(wait(compared.send())));
  EXPECT_OK(heartbeat(datanode));
}

// Protects against a copy in a state that only newer datanodes know: it is not taken for a good
// one.
TEST_F(DatanodesTest, AnUnknownStateIsNoCopy) {
  addDatanode();
  auto& second = addDatanode();
  ASSERT_VALUE(const auto chunk, writeFile("/f", 10));
  auto& other = *datanodes[chunk.nodes[0] == second.node ? 0 : 1];
  ASSERT_OK(heartbeat(other, {{chunk, 10, static_cast<wire::ReplicaState>(77)}}));
  pass(1000);
  EXPECT_EQ(locations("/f").value()[0].nodes.size(), 1U);
}

// Protects datanodes while the namenode's disk is behind: what they say waits for room and is taken
// then; a refusal would make all of them register again.
TEST_F(DatanodesTest, ASlowDiskMakesDatanodesWait) {
  stop();
  options.superuser = std::string(PRINCIPAL_BYTES_MAX, 's');  // stands in each row
  start();
  auto& datanode = addDatanode();
  ASSERT_VALUE(const auto file, create("/f"));
  ASSERT_VALUE(const auto chunk, addChunk(file));
  std::latch disk(1);
  auto blocked = journal.run([&]() { disk.wait(); });
  // Each makes a thousand directories.
  std::string deep;
  for (std::size_t i = 0; i + 5 < limits::PATH_DEPTH_MAX; ++i) deep += "/dir-dir";
  const auto mkdirs = [&](const std::string& path) {
    auto request = namenode.mkdirsRequest();
    fill(request, 0, options.superuser);
    request.setPath(path);
    request.setMode(0755);
    request.setCreateParents(true);
    return request.send();
  };
  kj::Vector<kj::Promise<void>> calls;
  bool full = false;
  for (int i = 0; i < 5000 && !full; ++i) {
    calls.add(mkdirs("/" + std::to_string(i) + deep)
                  .then([&](auto&& reply) {
                    const auto answer = faultOf(reply);
                    full = full || (!answer && answer.error().code() == Code::OVERLOADED);
                  })
                  .eagerlyEvaluate(nullptr));
    // Answered when those before it have been looked at.
    if (i % 20 == 0) wait(namenode.pingRequest().send());
  }
  EXPECT_TRUE(full);
  auto beat = datanode.master.heartbeatRequest();
  beat.setNode(datanode.node);
  beat.setEpoch(datanode.epoch);
  fillReplicas({{chunk, 7}}, beat.initChanged(1));
  auto answer = beat.send();
  EXPECT_FALSE(answer.poll(io.waitScope));
  disk.count_down();
  EXPECT_OK(faultOf(wait(kj::mv(answer))));
  wait(kj::mv(blocked));
  wait(kj::joinPromises(calls.releaseAsArray()));
  Placed unnamed = chunk;
  unnamed.nodes.clear();  // its datanode has told of the copy, not the writer
  EXPECT_OK(complete(file, unnamed, 7));
}

}  // namespace
}  // namespace cairn::nn
