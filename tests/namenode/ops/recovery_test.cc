// Chunk recovery: how a file whose writer is gone comes to be closed, whatever gets lost on the
// way.
#include "namenode/ops/get_locations.h"
#include "tests/namenode/ops/writers_fixture.h"

namespace cairn::nn {
namespace {

class RecoveryTest : public WritersFixture {
protected:
  void SetUp() override {
    settings.replication = 3;
    ASSERT_VALUE(file, makeFile("/f"));
    ASSERT_VALUE(chunk, allocate(file));
    ASSERT_EQ(chunk.pipeline_size(), 3);
  }
  bool isOpen() { return look("/f").value().under_construction(); }

  InodeId file;
  record::Allocation chunk;
};

// Protects the bytes a dead writer had acknowledged: the datanodes agree on a length, the file is
// closed with it, and what is not part of it goes.
TEST_F(RecoveryTest, TheChunkGetsTheLengthItsDatanodesAgreeOn) {
  EXPECT_FALSE(attempt(file).has_value());  // its writer holds it
  ASSERT_OK(release(file));
  const auto order = attempt(file);
  ASSERT_TRUE(order.has_value());
  EXPECT_EQ(order->chunk.value, chunk.chunk());
  EXPECT_EQ(order->generation.value, chunk.generation());
  EXPECT_GT(order->newGeneration, order->generation);
  EXPECT_EQ(order->nodes.size(), 3U);
  EXPECT_FALSE(order->cut);
  nowMs += 7;
  ASSERT_VALUE(const auto done, settle(*order, 640, {1, 2}));
  EXPECT_TRUE(done.answer.flag());
  // The third was not part of it.
  EXPECT_EQ(done.deletes,
            (std::vector<ReplicaDelete>{{NodeId(3), order->chunk, order->generation}}));
  const auto entry = look("/f").value();
  EXPECT_EQ(entry.length(), 640U);
  EXPECT_EQ(entry.mtime_ms(), nowMs);
  EXPECT_FALSE(entry.under_construction());
  expectLengthsAddUp("/f");
  EXPECT_EQ(copies(chunk), (std::vector<std::pair<std::uint32_t, std::uint64_t>>{
                               {1, order->newGeneration.value}, {2, order->newGeneration.value}}));
  EXPECT_EQ(rows(Table::LEASE), 0U);
  EXPECT_EQ(counts.chunks, 1);
  EXPECT_TRUE(pipelineOf(chunk).empty());
  // Whoever was away has an old one.
  EXPECT_EQ(report(3, chunk, 640, State::BEING_WRITTEN).size(), 1U);
  EXPECT_CODE(Code::LEASE_EXPIRED, finish(file, sealed(chunk, 640)));
}

// Protects against an answer that is lost: told again, it is no error, and changes nothing.
TEST_F(RecoveryTest, AnOutcomeMayBeToldAgain) {
  ASSERT_OK(release(file));
  const auto order = attempt(file);
  ASSERT_OK(settle(*order, 640, {1, 2, 3}));
  const auto before = look("/f").value();
  ASSERT_VALUE(const auto again, settle(*order, 640, {1, 2, 3}));
  EXPECT_FALSE(again.answer.flag());
  EXPECT_EQ(look("/f").value().SerializeAsString(), before.SerializeAsString());
  EXPECT_CODE(Code::STALE, settle(*order, 630, {1, 2, 3}));
}

// Protects against two primaries: the command that got lost was only late. The newest attempt
// counts, in whatever order the outcomes come.
TEST_F(RecoveryTest, TheNewestAttemptCounts) {
  ASSERT_OK(release(file));
  const auto first = attempt(file);
  const auto second = attempt(file);
  EXPECT_GT(second->newGeneration, first->newGeneration);
  EXPECT_EQ(second->generation, first->generation);
  EXPECT_CODE(Code::STALE, settle(*first, 640, {1, 2, 3}));
  EXPECT_TRUE(isOpen());
  // The first has left its generation behind on the second datanode: newer than recorded, so kept.
  auto left = chunk;
  left.set_generation(first->newGeneration.value);
  EXPECT_TRUE(report(2, left, 640).empty());
  ASSERT_OK(settle(*second, 640, {1}));
  EXPECT_FALSE(isOpen());
  EXPECT_CODE(Code::STALE, settle(*first, 640, {1, 2, 3}));
  EXPECT_EQ(report(2, left, 640).size(), 1U);
  EXPECT_EQ(copies(chunk).size(), 1U);
}

// Protects a recovery that the outcome of the last attempt reached the datanodes, but not the
// namenode: its copies are on none of its lists, and the next attempt still asks their datanodes.
TEST_F(RecoveryTest, CopiesOfALostOutcomeAreFoundAgain) {
  ASSERT_OK(writeFile("/g", 500));
  const InodeId other(look("/g").value().id());
  EXPECT_FALSE(cut("/g", 300).value());
  const auto first = attempt(other);
  ASSERT_EQ(first->nodes.size(), 3U);
  record::Allocation made;
  made.set_chunk(first->chunk.value);
  made.set_generation(first->newGeneration.value);
  for (const NodeId node : first->nodes) EXPECT_TRUE(report(node.value, made, 300).empty());
  EXPECT_TRUE(copies(made).empty());
  // Readers, too: the chunk has all its bytes there.
  ASSERT_VALUE(const auto path, Path::parse("/g"));
  ASSERT_VALUE(const auto places, getLocations(view, caller, path, 0, ~0ULL));
  EXPECT_EQ(places.chunks.at(0).nodes, first->nodes);
  const auto second = attempt(other);
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(second->nodes, first->nodes);
  ASSERT_OK(settle(*second, 300, {1, 2, 3}));
  EXPECT_EQ(look("/g").value().length(), 300U);
}

// Protects a datanode that comes back in the middle of an append's recovery with the copy it had
// before: nothing newer was recorded, so it takes part, and is not told to delete.
TEST_F(RecoveryTest, ACopyFromBeforeAnAppendTakesPart) {
  ASSERT_OK(writeFile("/g", 500));
  const InodeId other(look("/g").value().id());
  away = {3};
  auto last = appendTo("/g").value().allocation();
  ASSERT_EQ(last.pipeline_size(), 2);
  ASSERT_OK(promise(other, last));
  ASSERT_OK(release(other));
  const auto order = attempt(other, {NodeId(1), NodeId(2)});
  EXPECT_TRUE(report(3, last, 500).empty());
  ASSERT_EQ(pipelineOf(last).size(), 3U);
  const auto next = attempt(other);
  EXPECT_EQ(next->nodes.size(), 3U);
  ASSERT_OK(settle(*next, 500, {1, 2, 3}));
  EXPECT_EQ(copies(last).size(), 3U);
  EXPECT_EQ(look("/g").value().length(), 500U);
}

// Protects against a copy without what was written after its datanode had left the pipeline: it is
// not asked.
TEST_F(RecoveryTest, ACopyFromBeforeARebuildDoesNotTakePart) {
  ASSERT_OK(writeFile("/g", 500));
  const InodeId other(look("/g").value().id());
  auto last = appendTo("/g").value().allocation();
  ASSERT_VALUE(const auto generation, promise(other, last));
  ASSERT_OK(rebuild(other, last, generation, 600, {1, 2}));
  ASSERT_EQ(copies(last).size(), 1U);  // the third's, from before
  ASSERT_OK(release(other));
  const auto order = attempt(other);
  EXPECT_EQ(order->nodes, (std::vector<NodeId>{NodeId(1), NodeId(2)}));
  EXPECT_EQ(order->least, 600U);
  EXPECT_CODE(Code::UNAVAILABLE, settle(*order, 550, {1}));
  ASSERT_VALUE(const auto done, settle(*order, 620, {1, 2}));
  ASSERT_EQ(done.deletes.size(), 1U);
  EXPECT_EQ(done.deletes[0].node, NodeId(3));
  EXPECT_EQ(look("/g").value().length(), 620U);
  expectLengthsAddUp("/g");
}

// Protects a file from a chunk that nobody ever wrote: it ends before it.
TEST_F(RecoveryTest, AChunkWithoutAByteIsDropped) {
  ASSERT_VALUE(const auto second, allocate(file, sealed(chunk, 1000)));
  ASSERT_OK(release(file));
  const auto order = attempt(file);
  EXPECT_CODE(Code::UNAVAILABLE, settle(*order, 0, {}, false));  // one of three was not asked
  EXPECT_TRUE(isOpen());
  ASSERT_VALUE(const auto done, settle(*order, 0, {}));
  EXPECT_EQ(look("/f").value().length(), 1000U);
  EXPECT_EQ(look("/f").value().chunk_count(), 1U);
  EXPECT_FALSE(isOpen());
  EXPECT_EQ(done.deletes.size(), 3U);
  expectLengthsAddUp("/f");
  // Copies of no length go too.
  ASSERT_VALUE(const auto other, makeFile("/g"));
  ASSERT_OK(allocate(other));
  ASSERT_OK(release(other));
  const auto next = attempt(other);
  ASSERT_VALUE(const auto dropped, settle(*next, 0, {1, 2, 3}));
  EXPECT_EQ(dropped.deletes.size(), 6U);
  EXPECT_EQ(look("/g").value().chunk_count(), 0U);
  EXPECT_EQ(look("/g").value().length(), 0U);
}

// Protects bytes that are known to have been there: no outcome without them closes the file.
TEST_F(RecoveryTest, KnownBytesAreNotGivenUp) {
  ASSERT_OK(sync(file, chunk, 300));
  ASSERT_OK(release(file));
  const auto order = attempt(file);
  EXPECT_EQ(order->least, 300U);
  EXPECT_CODE(Code::UNAVAILABLE, settle(*order, 0, {}));
  // Whoever was asked: a disk may have lost them, and a datanode that is back later may not.
  EXPECT_CODE(Code::UNAVAILABLE, settle(*order, 299, {1, 2, 3}, true));
  EXPECT_CODE(Code::UNAVAILABLE, settle(*order, 300, {7}));  // nobody knows this datanode
  EXPECT_TRUE(isOpen());
  const auto next = attempt(file);
  ASSERT_OK(settle(*next, 300, {2}));
  EXPECT_EQ(look("/f").value().length(), 300U);
}

// Protects a closed file in an append whose only datanode died: the others' copies are from before,
// and whole. They are asked, beside the pipeline, by every attempt, also when one of them has
// become a newer one in an attempt whose outcome was lost.
TEST_F(RecoveryTest, CopiesFromBeforeAnAppendAreAskedForWhatWasClosed) {
  ASSERT_OK(writeFile("/g", 500));
  const InodeId other(look("/g").value().id());
  away = {2, 3};
  auto last = appendTo("/g").value().allocation();
  const auto closed = last;
  ASSERT_EQ(last.pipeline_size(), 1);
  ASSERT_VALUE(const auto generation, promise(other, last));
  ASSERT_OK(rebuild(other, last, generation, 500, {1}));
  ASSERT_OK(release(other));
  const auto first = attempt(other, {}, true);
  EXPECT_EQ(first->nodes, std::vector{NodeId(1)});
  EXPECT_EQ(first->older, (std::vector{NodeId(2), NodeId(3)}));
  EXPECT_EQ(first->oldest.value, closed.generation());
  EXPECT_EQ(first->least, 500U);
  EXPECT_EQ(pipelineOf(last), std::vector<std::uint32_t>{1});
  // They are kept while nothing newer is committed.
  EXPECT_TRUE(report(2, closed, 500).empty());
  auto made = last;
  made.set_generation(first->newGeneration.value);
  EXPECT_TRUE(report(3, made, 500).empty());
  const auto second = attempt(other, {}, true);
  EXPECT_EQ(second->older, (std::vector{NodeId(2), NodeId(3)}));
  ASSERT_OK(settle(*second, 500, {2, 3}));
  EXPECT_EQ(copies(last).size(), 2U);
  EXPECT_EQ(look("/g").value().length(), 500U);
  expectLengthsAddUp("/g");
}

// Protects against copies that have enough bytes, but others: of a file that was cut since, and
// written on.
TEST_F(RecoveryTest, ACopyFromBeforeACutIsNeverAsked) {
  ASSERT_OK(writeFile("/g", 500));
  const InodeId other(look("/g").value().id());
  ASSERT_VALUE(const auto path, Path::parse("/g"));
  ASSERT_VALUE(const auto places, getLocations(view, caller, path, 0, ~0ULL));
  record::Allocation whole;
  whole.set_chunk(places.chunks.at(0).id.value);
  whole.set_generation(places.chunks[0].chunk.generation());
  EXPECT_FALSE(cut("/g", 100).value());
  ASSERT_OK(settle(*attempt(other), 100, {1, 2}));
  auto last = appendTo("/g").value().allocation();
  ASSERT_VALUE(const auto generation, promise(other, last));
  ASSERT_OK(rebuild(other, last, generation, 300, {1}));
  (void)report(3, whole, 500);  // it was away
  ASSERT_OK(release(other));
  const auto order = attempt(other, {}, true);
  EXPECT_TRUE(order->older.empty()) << order->older.size();
}

// Protects readers of a file whose append has lost its datanodes: they can have what was closed.
TEST_F(RecoveryTest, ReadersAreToldOfCopiesFromBeforeAnAppend) {
  ASSERT_OK(writeFile("/g", 500));
  const InodeId other(look("/g").value().id());
  ASSERT_VALUE(const auto path, Path::parse("/g"));
  away = {2};
  auto last = appendTo("/g").value().allocation();
  ASSERT_VALUE(const auto generation, promise(other, last));
  ASSERT_OK(rebuild(other, last, generation, 500, {1, 3}));
  const auto older = [&]() {
    std::vector<std::uint32_t> nodes;
    for (const auto& copy : getLocations(view, caller, path, 0, ~0ULL).value().chunks.at(0).older) {
      nodes.push_back(copy.node.value);
    }
    return nodes;
  };
  EXPECT_EQ(older(), std::vector<std::uint32_t>{2});
  ASSERT_OK(sync(other, last, 501));
  EXPECT_TRUE(older().empty());  // it has not all that was synced
}

// Protects the namenode from outcomes that cannot be.
TEST_F(RecoveryTest, OutcomesAreChecked) {
  ASSERT_OK(release(file));
  const auto order = attempt(file);
  EXPECT_CODE(Code::INVALID_ARGUMENT, settle(*order, 1001, {1}));
  auto other = *order;
  other.chunk = ChunkId(order->chunk.value + 16);
  EXPECT_CODE(Code::NOT_FOUND, settle(other, 10, {1}));
  ASSERT_OK(removePath("/f"));
  EXPECT_CODE(Code::NOT_FOUND, settle(*order, 10, {1}));
  EXPECT_FALSE(attempt(file).has_value());
}

// Protects the right to take a file: who may write it, and nobody else; and the answer tells
// whether to ask again.
TEST_F(RecoveryTest, RecoverLeaseIsForWhoMayWrite) {
  ASSERT_VALUE(const auto path, Path::parse("/f"));
  const auto recover = [&]() {
    return run([&](Draft& draft, Context& context) { return recoverLease(draft, context, path); });
  };
  become("ben");
  EXPECT_CODE(Code::PERMISSION_DENIED, recover());
  become("root");
  caller.client = Uuid::fromHighLow(5, 5);
  EXPECT_FALSE(recover().value().answer.flag());
  EXPECT_FALSE(recover().value().answer.flag());
  EXPECT_EQ(leases.holderOf(file), LeaseBook::NAMENODE);
  const auto order = attempt(file);
  ASSERT_OK(settle(*order, 10, {1, 2, 3}));
  EXPECT_TRUE(recover().value().answer.flag());
}

// Protects a file in recovery from a client that says it were the namenode.
TEST_F(RecoveryTest, NoClientIsTheNamenode) {
  ASSERT_OK(release(file));
  caller.client = LeaseBook::NAMENODE;
  caller.user = "";
  EXPECT_CODE(Code::LEASE_EXPIRED, finish(file, sealed(chunk, 5)));
}

}  // namespace
}  // namespace cairn::nn
