// The table of datanodes and safe mode: pure rules.
#include <gtest/gtest.h>

#include "common/base/units.h"
#include "namenode/datanodes/datanode_table.h"
#include "namenode/datanodes/safe_mode.h"
#include "tests/testkit/results.h"

namespace cairn::nn {
namespace {

class DatanodeTableTest : public ::testing::Test {
protected:
  DatanodeTableTest() {
    Datanode datanode;
    datanode.node = NodeId(1);
    datanode.uuid = Uuid::fromHighLow(1, 1);
    datanode.registered = true;
    datanode.settled = true;
    datanode.session = 1;
    datanode.volumes = {{.path = "/a", .freeBytes = 1_GiB}, {.path = "/b", .freeBytes = 2_GiB}};
    one = &table.add(std::move(datanode));
  }
  DatanodeTable table{{.staleMs = 30, .deadMs = 100, .reconnectMs = 9}};
  Datanode* one = nullptr;
};

// Protects writers and readers from nodes that have fallen silent.
TEST_F(DatanodeTableTest, SilenceMakesStaleThenDead) {
  EXPECT_EQ(table.health(*one, 30), Health::LIVE);
  EXPECT_EQ(table.health(*one, 31), Health::STALE);
  EXPECT_EQ(table.health(*one, 101), Health::DEAD);
  one->registered = false;
  EXPECT_EQ(table.health(*one, 1), Health::STALE);
}

// Protects placement: what a volume that failed has free does not count; each reason is named.
TEST_F(DatanodeTableTest, CandidatesSayWhyNot) {
  EXPECT_EQ(table.candidates(0)[0].freeBytes, 3_GiB);
  EXPECT_EQ(table.candidates(0)[0].unfit, "");
  one->volumes[1].failed = true;
  EXPECT_EQ(table.candidates(0)[0].freeBytes, 1_GiB);
  EXPECT_EQ(table.candidates(50)[0].unfit, "silent for 0 s");
  one->session = 0;
  EXPECT_EQ(table.candidates(10)[0].unfit, "its connection is gone, last heard 10 ms ago");
  EXPECT_FALSE(table.candidates(10)[0].awaited);
}

// Protects writers right after the namenode's start, and from waiting for a node that is gone.
TEST_F(DatanodeTableTest, NodesAreAwaitedAfterAStart) {
  one->registered = false;
  EXPECT_TRUE(table.candidates(50)[0].awaited);
  EXPECT_FALSE(table.candidates(101)[0].awaited);
  EXPECT_TRUE(table.candidates(9)[0].expected);
  EXPECT_FALSE(table.candidates(10)[0].expected) << "writers go on without it";
}

// Protects a file from a datanode that dies before it has noted who it is: it would come back as
// another one, and what it was given to write would be nowhere.
TEST_F(DatanodeTableTest, ANewNodeIsAwaitedUntilItHasComparedItsReplicas) {
  one->settled = false;
  EXPECT_EQ(table.candidates(0)[0].unfit, "is just registering");
  EXPECT_TRUE(table.candidates(0)[0].awaited);
}

// Protects a write right after the namenode stood still, when all datanodes have given up their
// connections; and from waiting for a datanode that was killed.
TEST_F(DatanodeTableTest, NodesAreAwaitedAfterTheirConnectionBroke) {
  one->session = 0;
  EXPECT_TRUE(table.candidates(9)[0].awaited);
  EXPECT_FALSE(table.candidates(9)[0].expected) << "writers go on with the others";
  EXPECT_FALSE(table.candidates(10)[0].awaited);
}

// Protects deletes from getting lost with a heartbeat's answer, and from being sent over and over.
TEST_F(DatanodeTableTest, DeletesAreRepeatedUntilConfirmed) {
  const DatanodeTable::IsSpare none = [](ChunkId, GenerationStamp) {
    ADD_FAILURE() << "none of them is surplus";
    return false;
  };
  table.orderDelete(NodeId(1), ChunkId(16), GenerationStamp(5));
  table.orderDelete(NodeId(1), ChunkId(32), GenerationStamp(6));
  table.orderDelete(NodeId(1), ChunkId(16), GenerationStamp(4));  // older: the newer order stands
  table.orderDelete(NodeId(9), ChunkId(16), GenerationStamp(4));  // nobody
  EXPECT_EQ(table.takeDeletes(*one, 1, 1, none).size(), 1U);
  const auto second = table.takeDeletes(*one, 1, 10, none);
  ASSERT_EQ(second.size(), 1U);
  EXPECT_EQ(second[0].first, ChunkId(32));
  EXPECT_TRUE(table.takeDeletes(*one, 1000, 10, none).empty());
  const auto again = table.takeDeletes(*one, 1 + DELETE_REPEAT_MS, 10, none);
  ASSERT_EQ(again.size(), 2U);
  EXPECT_EQ(again[0].second, GenerationStamp(5));
}

// Protects copies that were too many when their delete was ordered and are needed by now: what was
// never sent is forgotten, what may have been is not sent again. A delete that nobody needs a
// reason for takes the surplus one's place.
TEST_F(DatanodeTableTest, SurplusCopiesGoOnlyWhileTheyAreSpare) {
  bool spare = false;
  const DatanodeTable::IsSpare isSpare = [&](ChunkId, GenerationStamp) { return spare; };
  table.orderDelete(NodeId(1), ChunkId(16), GenerationStamp(5), true);
  EXPECT_TRUE(table.takeDeletes(*one, 1, 10, isSpare).empty());
  EXPECT_TRUE(one->deletes.empty());
  table.orderDelete(NodeId(1), ChunkId(16), GenerationStamp(5), true);
  spare = true;
  EXPECT_EQ(table.takeDeletes(*one, 1, 10, isSpare).size(), 1U);
  spare = false;
  EXPECT_TRUE(table.takeDeletes(*one, 1 + DELETE_REPEAT_MS, 10, isSpare).empty());
  EXPECT_EQ(one->deletes.size(), 1U);
  table.orderDelete(NodeId(1), ChunkId(16), GenerationStamp(5));
  EXPECT_EQ(table.takeDeletes(*one, 2 + 2 * DELETE_REPEAT_MS, 10, isSpare).size(), 1U);
}

// Protects a new file system, and one whose datanodes are all back, from waiting.
TEST(SafeModeTest, EndsWhenAllAreBack) {
  SafeMode fresh(0.999);
  fresh.begin({});
  EXPECT_FALSE(fresh.on());
  SafeMode mode(0.999);
  mode.begin({.chunks = 10, .nodesKnown = 2});
  EXPECT_TRUE(mode.on());
  const auto refused = mode.allowChanges();
  EXPECT_CODE(Code::SAFE_MODE, refused);
  EXPECT_GT(refused.error().retryAfterMs(), 0U);
  EXPECT_FALSE(mode.update({.chunks = 10, .nodesKnown = 2, .nodesBack = 1}));
  EXPECT_TRUE(mode.update({.chunks = 10, .nodesKnown = 2, .nodesBack = 2}));
  EXPECT_FALSE(mode.on());
  EXPECT_EQ(mode.text(), "");
}

// Protects a cluster from waiting for a node that is not needed, and from going on without most
// chunks.
TEST(SafeModeTest, EndsWhenEnoughChunksAreThere) {
  SafeMode mode(0.9);
  SafeModeFacts facts{.chunks = 10, .nodesKnown = 3, .nodesBack = 2};
  mode.begin(facts);
  facts.chunksSafe = 9;  // of an older set of nodes
  EXPECT_FALSE(mode.update(facts));
  facts.counted = true;
  facts.chunksSafe = 8;
  EXPECT_FALSE(mode.update(facts));
  EXPECT_NE(mode.text().find("8 of 10 chunks"), std::string::npos);
  facts.chunksSafe = 9;
  EXPECT_TRUE(mode.update(facts));
}

// Protects what an operator has turned on.
TEST(SafeModeTest, AnOperatorsStays) {
  SafeMode mode(0.9);
  mode.enter();
  EXPECT_FALSE(mode.update({}));
  EXPECT_TRUE(mode.on());
  EXPECT_EQ(mode.allowChanges().error().retryAfterMs(), 0U);
  EXPECT_OK(mode.leave());
  EXPECT_OK(mode.allowChanges());
}

// Protects each reason from the end of another one: safe mode is off when none holds any more, and
// a plain word of an operator does not end what would do harm.
TEST(SafeModeTest, EachReasonEndsByItself) {
  SafeMode mode(0.9);
  mode.begin({.chunks = 10, .nodesKnown = 1});
  mode.setLowSpace("too little");
  mode.setOlder("too old");
  EXPECT_EQ(mode.allowChanges().error().retryAfterMs(), 0U);
  EXPECT_TRUE(mode.update({.chunks = 10, .nodesKnown = 1, .nodesBack = 1}));
  EXPECT_EQ(mode.text(), "too old\ntoo little");
  const auto refused = mode.leave();
  EXPECT_CODE(Code::INVALID_ARGUMENT, refused);
  EXPECT_NE(testkit::messageOf(refused).find("too little"), std::string::npos);
  mode.enter();
  mode.setLowSpace("");
  mode.setOlder("");
  EXPECT_TRUE(mode.on());
  EXPECT_OK(mode.leave());
  EXPECT_FALSE(mode.on());
  mode.setLowSpace("too little");
  EXPECT_CODE(Code::SAFE_MODE, mode.allowChanges());
  mode.setLowSpace("");
  EXPECT_OK(mode.allowChanges());
}

}  // namespace
}  // namespace cairn::nn
