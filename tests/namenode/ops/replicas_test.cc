// Replicas: what datanodes report, digests, reclaiming, counting.
#include "namenode/ops/replicas.h"

#include <map>
#include <set>

#include "common/base/inventory.h"
#include "namenode/ops/count_replicas.h"
#include "namenode/ops/forget_datanode.h"
#include "namenode/ops/reclaim.h"
#include "namenode/ops/register_datanode.h"
#include "namenode/ops/report_replica.h"
#include "tests/namenode/ops/fixture.h"

namespace cairn::nn {
namespace {

class ReplicasTest : public OpsTest {
protected:
  Reporter from(std::uint32_t node) {
    return {
        .node = NodeId(node), .epoch = Epoch(5), .registeredAt = TxId(registeredAt), .ids = ids};
  }
  static ReportedReplica reported(const record::Allocation& chunk, std::uint64_t length,
                                  ReportedReplica::State state = ReportedReplica::State::FINAL) {
    return {.chunk = ChunkId(chunk.chunk()),
            .generation = GenerationStamp(chunk.generation()),
            .length = length,
            .storedLength = length,
            .state = state,
            .volume = 1};
  }
  std::vector<ReplicaDelete> report(std::uint32_t node, const ReportedReplica& one) {
    std::vector<ReplicaDelete> deletes;
    EXPECT_OK(run([&](Draft& draft, Context&) -> Result<Outcome> {
      TRY(reportReplica(draft, from(node), one, deletes));
      return Outcome();
    }));
    return deletes;
  }
  std::vector<std::uint32_t> holders(const record::Allocation& chunk) {
    std::vector<std::uint32_t> nodes;
    for (const auto& known : replicasOf(view, ChunkId(chunk.chunk())).value()) {
      nodes.push_back(known.node.value);
    }
    return nodes;
  }
  // The digest in the tables equals one made afresh of the rows.
  void expectDigest(std::uint32_t node) {
    std::map<std::uint64_t, InventoryDigest> fresh;
    const auto rows = view.scan(Table::REPLICA, nodeReplicaPrefix(NodeId(node)));
    for (; rows->valid(); rows->next()) {
      const ChunkId chunk = chunkInNodeReplicaKey(rows->key());
      const auto replica = findReplica(view, chunk, NodeId(node)).value();
      ASSERT_TRUE(replica.has_value());
      fresh[inventoryRangeOf(chunk)].add(chunk, GenerationStamp(replica->generation()),
                                         replica->length());
    }
    std::size_t kept = 0;
    const auto digests = view.scan(Table::REPLICA, digestPrefix(NodeId(node)));
    for (; digests->valid(); digests->next(), ++kept) {
      record::RangeDigest row;
      ASSERT_TRUE(row.ParseFromString(std::string(digests->value())));
      EXPECT_EQ(InventoryDigest(row.count(), row.sum_high(), row.sum_low()),
                fresh[rangeInDigestKey(digests->key())]);
    }
    EXPECT_EQ(kept, fresh.size());
  }
  std::uint64_t registeredAt = 0;
};

// Protects data: a datanode is told to delete only what was removed or is of an older generation.
TEST_F(ReplicasTest, OnlyKnownRubbishIsDeleted) {
  ASSERT_VALUE(const auto chunk, writeFile("/f", 100));
  const std::uint32_t other = 4;  // not of its pipeline
  EXPECT_TRUE(report(other, reported(chunk, 100)).empty());
  EXPECT_EQ(holders(chunk).size(), 3U);
  auto old = reported(chunk, 90);
  old.generation = GenerationStamp(chunk.generation() - 1);
  EXPECT_EQ(report(other, old).size(), 1U);
  auto newer = reported(chunk, 90);
  newer.generation = GenerationStamp(chunk.generation() + 1);
  EXPECT_TRUE(report(other, newer).empty());
  auto unknown = reported(chunk, 90);
  unknown.chunk = ChunkId(unknown.chunk.value + (1ULL << 40));
  EXPECT_TRUE(report(other, unknown).empty());
  // Handed out, and not there any more.
  auto skipped = reported(chunk, 90);
  ids.nextChunk();
  skipped.chunk = ChunkId(skipped.chunk.value + 16);
  EXPECT_EQ(report(other, skipped).size(), 1U);
  // Sealed with another length: no copy, but not ours to destroy.
  EXPECT_TRUE(report(other, reported(chunk, 99)).empty());
  EXPECT_EQ(holders(chunk).size(), 2U);
  for (std::uint32_t node = 1; node <= other; ++node) expectDigest(node);
}

// Protects against a damaged copy that stays in the list of readers.
TEST_F(ReplicasTest, QuarantineTakesACopyAway) {
  ASSERT_VALUE(const auto chunk, writeFile("/f", 100));
  const auto holder = holders(chunk).front();
  EXPECT_TRUE(report(holder, reported(chunk, 100, ReportedReplica::State::QUARANTINED)).empty());
  EXPECT_EQ(holders(chunk).size(), 1U);
  expectDigest(holder);
}

// Protects the reply of complete: a copy that a datanode reported by itself counts.
TEST_F(ReplicasTest, AReportedCopyIsEnoughToComplete) {
  ASSERT_VALUE(const auto file, makeFile("/f"));
  ASSERT_VALUE(const auto chunk, allocate(file));
  report(2, reported(chunk, 50));
  auto commit = sealed(chunk, 50);
  commit.sealed.clear();
  ASSERT_OK(finish(file, commit));
  EXPECT_EQ(holders(chunk), std::vector<std::uint32_t>{2});
}

// Protects the full truth about a range: what the datanode does not have is forgotten, but for what
// its writer has just named.
TEST_F(ReplicasTest, ARangeReplacesWhatWasBelieved) {
  settings.replication = 1;
  ASSERT_VALUE(const auto old, writeFile("/old", 100));
  ASSERT_VALUE(const auto kept, writeFile("/kept", 100));
  registeredAt = txid;
  ASSERT_VALUE(const auto fresh, writeFile("/fresh", 100));
  ASSERT_EQ(holders(fresh), std::vector<std::uint32_t>{1});
  const auto range = inventoryRangeOf(ChunkId(kept.chunk()));
  const std::vector<ReportedReplica> all{reported(kept, 100)};
  std::vector<ReplicaDelete> deletes;
  const auto tell = [&](std::uint64_t of) {
    return run([&](Draft& draft, Context&) -> Result<Outcome> {
      TRY(reportRange(draft, from(1), of, all, deletes));
      return Outcome();
    });
  };
  EXPECT_CODE(Code::INVALID_ARGUMENT, tell(range + 1));
  ASSERT_OK(tell(range));
  EXPECT_TRUE(holders(old).empty());
  EXPECT_EQ(holders(kept).size(), 1U);
  EXPECT_EQ(holders(fresh).size(), 1U);
  EXPECT_TRUE(deletes.empty());
  expectDigest(1);
}

// Protects against leaks and double deletes: step by step, with any budget, everything of a removed
// tree goes, each copy is named once, and the counts come out right.
TEST_F(ReplicasTest, ReclaimTakesEverythingOnce) {
  for (const std::size_t budget : {1U, 2U, 7U, 1000U}) {
    std::set<std::uint64_t> chunks;
    for (int i = 0; i < 6; ++i) {
      ASSERT_VALUE(const auto chunk,
                   writeFile("/t/a/b" + std::to_string(i % 2) + "/" + std::to_string(i)));
      chunks.insert(chunk.chunk());
    }
    ASSERT_VALUE(const auto open, makeFile("/t/open"));
    ASSERT_VALUE(const auto writing, allocate(open));
    chunks.insert(writing.chunk());
    ASSERT_OK(removePath("/t"));
    std::multiset<std::uint64_t> deleted;
    int steps = 0;
    for (InodeId next; rows(Table::GC) > 0; ++steps) {
      ASSERT_LT(steps, 200);
      ASSERT_VALUE(const auto outcome,
                   run([&](Draft& draft, Context&) { return reclaim(draft, next, budget); }));
      next = outcome.answer.flag() ? InodeId(outcome.answer.entry().id()) : InodeId();
      for (const auto& one : outcome.deletes) deleted.insert(one.chunk.value);
    }
    for (const auto chunk : chunks) EXPECT_EQ(deleted.count(chunk), 2U) << chunk;
    EXPECT_EQ(deleted.size(), 2 * chunks.size());
    for (const Table table :
         {Table::CHUNK, Table::FILE_CHUNK, Table::REPLICA, Table::LEASE, Table::INODE}) {
      EXPECT_EQ(rows(table), 0U) << nameOf(table);
    }
    EXPECT_EQ(rows(Table::DIRENT), 1U);
    EXPECT_EQ(counts.files, 0);
    EXPECT_EQ(counts.directories, 0);
    EXPECT_EQ(counts.chunks, 0);
    EXPECT_EQ(counts.garbage, 0);
  }
}

// Protects the operator's numbers, and safe mode's: copies on lost nodes do not count, removed
// files neither.
TEST_F(ReplicasTest, CountsWhatIsWithinReach) {
  ASSERT_OK(writeFile("/one"));
  ASSERT_OK(writeFile("/two"));
  ASSERT_OK(writeFile("/gone"));
  ASSERT_OK(removePath("/gone"));
  const auto count = [&](std::set<std::uint32_t> reachable, std::set<std::uint32_t> damaged = {}) {
    CountReplicas walk;
    const auto reach = [&](NodeId node) { return reachable.contains(node.value); };
    const auto suspect = [&](NodeId node, ChunkId) { return damaged.contains(node.value); };
    while (!walk.step(view, reach, suspect, 1).value()) {
    }
    return walk.counts();
  };
  auto counted = count({1, 2, 3});
  EXPECT_EQ(counted.chunks, 2U);
  EXPECT_EQ(counted.underReplicated, 0U);
  EXPECT_EQ(counted.withReplica, 2U);
  counted = count({1});  // the first of each pipeline
  EXPECT_EQ(counted.underReplicated, 2U);
  EXPECT_EQ(counted.missing, 0U);
  counted = count({1, 2, 3}, {1});  // damage is one good copy less, and may be read all the same
  EXPECT_EQ(counted.underReplicated, 2U);
  EXPECT_EQ(counted.withReplica, 2U);
  counted = count({1}, {1});
  EXPECT_EQ(counted.missing, 0U);
  counted = count({});
  EXPECT_EQ(counted.missing, 2U);
  EXPECT_EQ(counted.withReplica, 0U);
}

// Protects a chunk on one rack, which has as many copies as wanted, from being passed over.
TEST_F(ReplicasTest, TheCountTellsOfCopiesOnOneRack) {
  ASSERT_OK(writeFile("/f"));
  const auto told = [&](bool oneRack) {
    CountReplicas walk;
    std::size_t unusual = 0;
    while (!walk.step(
                    view, [](NodeId) { return true; }, [](NodeId, ChunkId) { return false; }, 10,
                    [&](ChunkId, std::span<const NodeId>, std::uint32_t) { ++unusual; },
                    [&](std::span<const NodeId> nodes) { return oneRack && nodes.size() > 1; })
                .value()) {
    }
    EXPECT_EQ(walk.counts().oneRack, unusual);
    return unusual;
  };
  EXPECT_EQ(told(false), 0U);
  EXPECT_EQ(told(true), 1U);
}

// Protects the loop from a datanode with many copies: it is forgotten in steps, and what others
// hold stays.
TEST_F(ReplicasTest, ADatanodeIsForgottenInSteps) {
  for (int i = 0; i < 7; ++i) ASSERT_OK(writeFile("/" + std::to_string(i)));
  ASSERT_OK(run([&](Draft& draft, Context&) {
    return registerDatanode(draft, {.node = NodeId(1), .uuid = Uuid::fromHighLow(1, 1)}, 5);
  }));
  const auto held = [&](std::uint32_t node) {
    std::size_t count = 0;
    const auto rows = view.scan(Table::REPLICA, nodeReplicaPrefix(NodeId(node)));
    for (; rows->valid(); rows->next()) ++count;
    return count;
  };
  ASSERT_EQ(held(1), 7U);
  const std::size_t others = held(2) + held(3);
  const auto step = [&]() {
    return run([&](Draft& draft, Context&) { return forgetDatanode(draft, NodeId(1), 3); })
        .value()
        .answer.flag();
  };
  EXPECT_TRUE(step());
  EXPECT_EQ(held(1), 4U);
  expectDigest(1);
  EXPECT_TRUE(step());
  EXPECT_EQ(rows(Table::SYS), 1U);
  EXPECT_FALSE(step());
  EXPECT_EQ(held(1), 0U);
  EXPECT_EQ(rows(Table::SYS), 0U);
  EXPECT_EQ(held(2) + held(3), others);
  expectDigest(1);
  expectDigest(2);
}

}  // namespace
}  // namespace cairn::nn
