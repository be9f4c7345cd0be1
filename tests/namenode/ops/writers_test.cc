// Append, truncate, and what a writer tells of its pipeline.
#include "namenode/ops/commit_chunk.h"
#include "namenode/ops/get_locations.h"
#include "namenode/ops/reclaim.h"
#include "tests/namenode/ops/writers_fixture.h"

namespace cairn::nn {
namespace {

class WritersTest : public WritersFixture {};

// Protects the way of an append: the last chunk goes on where it ended, nothing of what readers see
// changes before the writer says so, and the old copies end with the commit.
TEST_F(WritersTest, AppendGoesOnInTheLastChunk) {
  ASSERT_OK(writeFile("/f", 100));
  const InodeId file(look("/f").value().id());
  ASSERT_VALUE(const auto answer, appendTo("/f"));
  auto last = answer.allocation();
  EXPECT_EQ(last.offset(), 0U);
  EXPECT_EQ(answer.entry().length(), 100U);
  EXPECT_TRUE(answer.entry().under_construction());
  EXPECT_EQ(last.pipeline_size(), 2);
  EXPECT_EQ(look("/f").value().length(), 100U);
  EXPECT_EQ(counts.chunks, 0);
  expectLengthsAddUp("/f");

  ASSERT_VALUE(const auto generation, promise(file, last));
  EXPECT_GT(generation.value, last.generation());
  ASSERT_OK(rebuild(file, last, generation, 100, {last.pipeline(0), last.pipeline(1)}));
  EXPECT_TRUE(copies(last).empty());
  ASSERT_OK(finish(file, sealed(last, 250)));
  const auto entry = look("/f").value();
  EXPECT_EQ(entry.length(), 250U);
  EXPECT_EQ(entry.stored_length(), 125U);
  EXPECT_FALSE(entry.under_construction());
  EXPECT_EQ(copies(last).size(), 2U);
  EXPECT_EQ(counts.chunks, 1);
  expectLengthsAddUp("/f");
}

// Protects a file from an append that has nothing to go on with, and from one that does not want
// to: then it is addChunk that makes room.
TEST_F(WritersTest, AppendToAFullOrEmptyFileAsksForAChunk) {
  ASSERT_OK(makeFile("/empty"));
  const InodeId empty(look("/empty").value().id());
  ASSERT_OK(finish(empty));
  EXPECT_EQ(appendTo("/empty").value().allocation().chunk(), 0U);
  ASSERT_VALUE(auto chunk, allocate(empty));
  ASSERT_OK(finish(empty, sealed(chunk, 1000)));
  EXPECT_EQ(appendTo("/empty").value().allocation().chunk(), 0U);  // full
  ASSERT_VALUE(chunk, allocate(empty));
  EXPECT_EQ(chunk.offset(), 1000U);
  ASSERT_OK(finish(empty, sealed(chunk, 10)));
  EXPECT_EQ(appendTo("/empty", true).value().allocation().chunk(), 0U);
  ASSERT_VALUE(chunk, allocate(empty));
  EXPECT_EQ(chunk.offset(), 1010U);
  // Given back, the file ends where it did.
  ASSERT_OK(run([&](Draft& draft, Context& context) {
    return abandonChunk(draft, context,
                        {.file = empty,
                         .chunk = ChunkId(chunk.chunk()),
                         .generation = GenerationStamp(chunk.generation())});
  }));
  ASSERT_OK(finish(empty));
  EXPECT_EQ(look("/empty").value().length(), 1010U);
  expectLengthsAddUp("/empty");
}

// Protects bytes that were there before the writer came from what it may do by mistake: give the
// chunk back, or commit it shorter; and a file from a writer without any copy to write to.
TEST_F(WritersTest, AppendLosesNothing) {
  ASSERT_OK(writeFile("/f", 100));
  const InodeId file(look("/f").value().id());
  away = {1, 2, 3};
  EXPECT_CODE(Code::UNAVAILABLE, appendTo("/f"));
  EXPECT_FALSE(look("/f").value().under_construction());
  away = {1};
  ASSERT_VALUE(const auto answer, appendTo("/f"));
  auto last = answer.allocation();
  EXPECT_EQ(pipelineOf(last).size(), 1U);
  EXPECT_CODE(Code::INVALID_ARGUMENT, finish(file, sealed(last, 99)));
  EXPECT_CODE(Code::INVALID_ARGUMENT, run([&](Draft& draft, Context& context) {
                return abandonChunk(draft, context,
                                    {.file = file,
                                     .chunk = ChunkId(last.chunk()),
                                     .generation = GenerationStamp(last.generation())});
              }));
  // It leaves it as it was: both copies are good still.
  ASSERT_OK(finish(file, sealed(last, 100)));
  EXPECT_EQ(copies(last).size(), 2U);
  EXPECT_EQ(look("/f").value().length(), 100U);
}

// Protects who may append, and a file that another writes.
TEST_F(WritersTest, AppendIsForOneWhoMay) {
  EXPECT_CODE(Code::NOT_FOUND, appendTo("/none"));
  EXPECT_CODE(Code::IS_A_DIRECTORY, appendTo("/"));
  ASSERT_OK(writeFile("/f", 100));
  become("ben");
  EXPECT_CODE(Code::PERMISSION_DENIED, appendTo("/f"));
  become("root");
  ASSERT_OK(appendTo("/f"));
  EXPECT_CODE(Code::LEASE_CONFLICT, appendTo("/f"));
  caller.client = Uuid::fromHighLow(9, 9);
  EXPECT_CODE(Code::LEASE_CONFLICT, appendTo("/f"));
  EXPECT_FALSE(closeFirst.has_value());
  nowMs += limits::LEASE_SOFT_MS + 1;
  EXPECT_CODE(Code::LEASE_CONFLICT, appendTo("/f"));
  EXPECT_TRUE(closeFirst.has_value());
}

// Protects the recorded generation: only what was promised gets on record, once, and copies from
// before it end. What a node outside the pipeline has finished stays until the commit.
TEST_F(WritersTest, ARebuiltPipelineIsPutOnRecord) {
  settings.replication = 3;
  ASSERT_OK(writeFile("/f", 100));
  const InodeId file(look("/f").value().id());
  auto last = appendTo("/f").value().allocation();
  const auto old = last;
  ASSERT_EQ(copies(last).size(), 3U);
  EXPECT_CODE(Code::INVALID_ARGUMENT,
              rebuild(file, last, GenerationStamp(last.generation() + 1), 100, {1, 2}));
  ASSERT_VALUE(const auto second, promise(file, last));
  ASSERT_VALUE(const auto third, promise(file, last));
  EXPECT_GT(third, second);
  EXPECT_CODE(Code::INVALID_ARGUMENT, rebuild(file, last, third, 99, {1, 2}));    // cut
  EXPECT_CODE(Code::INVALID_ARGUMENT, rebuild(file, last, third, 1001, {1, 2}));  // too long
  EXPECT_CODE(Code::INVALID_ARGUMENT, rebuild(file, last, third, 100, {}));
  EXPECT_CODE(Code::INVALID_ARGUMENT, rebuild(file, last, third, 100, {1, 1}));
  ASSERT_OK(rebuild(file, last, third, 160, {1, 2}));
  EXPECT_EQ(look("/f").value().length(), 160U);  // as HDFS tells it
  EXPECT_EQ(pipelineOf(last), (std::vector<std::uint32_t>{1, 2}));
  EXPECT_EQ(copies(last),
            (std::vector<std::pair<std::uint32_t, std::uint64_t>>{{3, old.generation()}}));
  // Again, its answer was lost; and one that comes too late.
  auto again = old;
  ASSERT_OK(rebuild(file, again, third, 160, {1, 2}));
  again = old;
  EXPECT_CODE(Code::STALE, rebuild(file, again, second, 160, {3}));
  EXPECT_CODE(Code::STALE, promise(file, old));
  EXPECT_CODE(Code::STALE, finish(file, sealed(old, 200)));
  EXPECT_CODE(Code::STALE, sync(file, old, 200));

  ASSERT_VALUE(const auto done, finish(file, sealed(last, 200)));
  EXPECT_EQ(done.deletes, (std::vector<ReplicaDelete>{{NodeId(3), ChunkId(old.chunk()),
                                                       GenerationStamp(old.generation())}}));
  EXPECT_EQ(copies(last).size(), 2U);
  expectLengthsAddUp("/f");
}

// Protects copies by what datanodes say of them meanwhile: newer than recorded is kept, older ones
// go, but for whole ones while the chunk is being written.
TEST_F(WritersTest, ReportsWhileAPipelineIsRebuilt) {
  settings.replication = 3;
  ASSERT_OK(writeFile("/f", 100));
  const InodeId file(look("/f").value().id());
  auto last = appendTo("/f").value().allocation();
  const auto old = last;
  ASSERT_VALUE(const auto generation, promise(file, last));
  auto promised = last;
  promised.set_generation(generation.value);
  // It has the new generation before that is on record: what was on record of it is over.
  EXPECT_TRUE(report(1, promised, 100, State::BEING_WRITTEN).empty());
  EXPECT_EQ(copies(last).size(), 2U);
  EXPECT_TRUE(report(2, promised, 100, State::FINAL).empty());
  EXPECT_EQ(copies(last).size(), 1U);
  ASSERT_OK(rebuild(file, last, generation, 100, {1, 2}));
  EXPECT_EQ(report(3, old, 60, State::BEING_WRITTEN).size(), 1U);
  EXPECT_TRUE(report(3, old, 100, State::FINAL).empty());
  EXPECT_TRUE(report(4, old, 100, State::FINAL).empty());
  EXPECT_EQ(copies(last).size(), 2U);
  ASSERT_VALUE(const auto done, finish(file, sealed(last, 300)));
  EXPECT_EQ(done.deletes.size(), 2U);
  EXPECT_EQ(report(4, old, 100, State::FINAL).size(), 1U);
}

// Protects the length that stat tells after hsync: it grows, and never shrinks.
TEST_F(WritersTest, SyncedBytesCount) {
  ASSERT_VALUE(const auto file, makeFile("/f"));
  ASSERT_VALUE(const auto first, allocate(file));
  ASSERT_OK(sync(file, first, 400));
  EXPECT_EQ(look("/f").value().length(), 400U);
  ASSERT_OK(sync(file, first, 300));
  EXPECT_EQ(look("/f").value().length(), 400U);
  EXPECT_CODE(Code::INVALID_ARGUMENT, sync(file, first, 1001));
  ASSERT_VALUE(const auto second, allocate(file, sealed(first, 1000)));
  EXPECT_EQ(second.offset(), 1000U);
  EXPECT_EQ(look("/f").value().length(), 1000U);
  EXPECT_CODE(Code::NOT_FOUND, sync(file, first, 1000));
  ASSERT_OK(sync(file, second, 1));
  EXPECT_EQ(look("/f").value().length(), 1001U);
  EXPECT_CODE(Code::INVALID_ARGUMENT, run([&](Draft& draft, Context& context) {
                return abandonChunk(draft, context,
                                    {.file = file,
                                     .chunk = ChunkId(second.chunk()),
                                     .generation = GenerationStamp(second.generation())});
              }));
  ASSERT_OK(finish(file, sealed(second, 5)));
  EXPECT_EQ(look("/f").value().length(), 1005U);
  expectLengthsAddUp("/f");
  become("ben");
  EXPECT_CODE(Code::LEASE_EXPIRED, sync(file, second, 7));
}

// Protects a pipeline's replacement: a node that neither is in it nor was found bad; none where
// there is none.
TEST_F(WritersTest, FurtherNodesForAPipeline) {
  ASSERT_VALUE(const auto file, makeFile("/f"));
  ASSERT_VALUE(const auto chunk, allocate(file));
  const auto more = [&](std::vector<NodeId> existing, std::vector<NodeId> excluded) {
    Result<std::vector<NodeId>> nodesFound = std::vector<NodeId>();
    EXPECT_OK(run([&](Draft& draft, Context& context) -> Result<Outcome> {
      nodesFound = additionalNodes(draft, context,
                                   {.file = file,
                                    .chunk = versionOf(chunk),
                                    .existing = existing,
                                    .excluded = excluded,
                                    .count = 2},
                                   nodes, dice);
      return Outcome();
    }));
    return nodesFound.value();
  };
  EXPECT_EQ(more({NodeId(1)}, {NodeId(2)}), std::vector<NodeId>{NodeId(3)});
  EXPECT_EQ(more({NodeId(1)}, {}).size(), 2U);
  EXPECT_TRUE(more({NodeId(1), NodeId(3)}, {NodeId(2)}).empty());
  // Off the rack of those that go on, as a pipeline made anew would be.
  nodes[1].rack = "/other";
  for (int i = 0; i < 10; ++i) EXPECT_EQ(more({NodeId(1)}, {})[0], NodeId(2));
}

// Protects a file that is to have more replicas than a pipeline may have datanodes: the datanodes
// would refuse a longer one.
TEST_F(WritersTest, APipelineIsNoLongerThanItMayBe) {
  constexpr std::uint32_t REPLICAS = limits::PIPELINE_NODES_MAX + 4;
  constexpr int LONGEST = limits::PIPELINE_NODES_MAX;
  settings.replication = REPLICAS;
  for (std::uint32_t i = 4; i <= REPLICAS; ++i) {
    nodes.push_back(nodes[0]);
    nodes.back().node = NodeId(i);
  }
  ASSERT_VALUE(const auto file, makeFile("/f"));
  ASSERT_VALUE(const auto chunk, allocate(file));
  EXPECT_EQ(chunk.pipeline_size(), LONGEST);
  std::vector<NodeId> existing;
  for (int i = 0; i + 3 < LONGEST; ++i) existing.emplace_back(chunk.pipeline(i));
  ASSERT_OK(run([&](Draft& draft, Context& context) -> Result<Outcome> {
    for (std::size_t left = 3;; --left) {
      const AdditionalNodesRequest request{.file = file,
                                           .chunk = versionOf(chunk),
                                           .existing = existing,
                                           .excluded = {},
                                           .count = REPLICAS};
      ASSIGN(const auto more, additionalNodes(draft, context, request, nodes, dice));
      EXPECT_EQ(more.size(), left);
      if (left == 0) return Outcome();
      existing.emplace_back(chunk.pipeline(LONGEST - static_cast<int>(left)));
    }
  }));

  // A copy on each node: the append takes as many as it may.
  const auto commit = sealed(chunk, 100);
  ASSERT_OK(run([&](Draft& draft, Context&) -> Result<Outcome> {
    for (std::uint32_t node = 1; node <= REPLICAS; ++node) {
      TRY(noteSealed(draft, commit.chunk, commit.generation, 100, {NodeId(node), 50}));
    }
    return Outcome();
  }));
  ASSERT_OK(finish(file, commit));
  ASSERT_VALUE(const auto answer, appendTo("/f"));
  EXPECT_EQ(answer.allocation().pipeline_size(), LONGEST);
  ASSERT_VALUE(const auto generation, promise(file, answer.allocation()));
  auto last = answer.allocation();
  std::vector<std::uint32_t> all;
  for (std::uint32_t node = 1; node <= LONGEST + 1; ++node) all.push_back(node);
  EXPECT_CODE(Code::INVALID_ARGUMENT, rebuild(file, last, generation, 100, all));
  all.pop_back();
  EXPECT_OK(rebuild(file, last, generation, 100, all));
}

// Protects the rest of a file whose end goes: at a chunk's border everything is done at once, the
// chunks behind go, and the file can be written again while they do.
TEST_F(WritersTest, TruncateAtABorder) {
  ASSERT_VALUE(const auto file, makeFile("/f"));
  ChunkCommit previous;
  for (int i = 0; i < 4; ++i) {
    ASSERT_VALUE(const auto chunk, allocate(file, previous));
    previous = sealed(chunk, 1000);
  }
  ASSERT_OK(finish(file, previous));
  EXPECT_CODE(Code::INVALID_ARGUMENT, cut("/f", 4001));
  EXPECT_CODE(Code::INVALID_ARGUMENT, cut("/f", ~0ULL - 9));
  EXPECT_CODE(Code::IS_A_DIRECTORY, cut("/", 0));
  EXPECT_CODE(Code::NOT_FOUND, cut("/none", 0));
  EXPECT_TRUE(cut("/f", 4000).value());
  nowMs += 5;
  EXPECT_TRUE(cut("/f", 2000).value());
  EXPECT_EQ(look("/f").value().length(), 2000U);
  EXPECT_EQ(look("/f").value().chunk_count(), 2U);
  EXPECT_EQ(look("/f").value().mtime_ms(), nowMs);
  EXPECT_FALSE(look("/f").value().under_construction());
  EXPECT_EQ(counts.garbage, 1);
  expectLengthsAddUp("/f");
  ASSERT_OK(appendTo("/f"));
  ASSERT_VALUE(const auto chunk, allocate(file));
  EXPECT_EQ(chunk.offset(), 2000U);
  ASSERT_OK(finish(file, sealed(chunk, 7)));

  std::set<std::uint64_t> deleted;
  while (counts.garbage > 0) {
    ASSERT_VALUE(const auto outcome,
                 run([&](Draft& draft, Context&) { return reclaim(draft, InodeId(), 1); }));
    for (const auto& one : outcome.deletes) deleted.insert(one.chunk.value);
  }
  EXPECT_EQ(deleted.size(), 2U);
  EXPECT_EQ(rows(Table::CHUNK), 3U);
  EXPECT_EQ(rows(Table::FILE_CHUNK), 3U);
  EXPECT_EQ(counts.chunks, 3);
  expectLengthsAddUp("/f");
  EXPECT_TRUE(cut("/f", 0).value());
  EXPECT_EQ(look("/f").value().chunk_count(), 0U);
  EXPECT_EQ(look("/f").value().stored_length(), 0U);
}

// Protects readers and writers while a chunk is being cut: the file has its new length at once, can
// be read up to it, and is nobody's to write.
TEST_F(WritersTest, TruncateInsideAChunk) {
  ASSERT_VALUE(const auto file, makeFile("/f"));
  ASSERT_VALUE(const auto first, allocate(file));
  ASSERT_VALUE(const auto second, allocate(file, sealed(first, 1000)));
  ASSERT_VALUE(const auto third, allocate(file, sealed(second, 1000)));
  ASSERT_OK(finish(file, sealed(third, 30)));
  EXPECT_FALSE(cut("/f", 1500).value());
  const auto entry = look("/f").value();
  EXPECT_EQ(entry.length(), 1500U);
  EXPECT_TRUE(entry.under_construction());
  expectLengthsAddUp("/f");
  ASSERT_VALUE(const auto path, Path::parse("/f"));
  ASSERT_VALUE(const auto places, getLocations(view, caller, path, 0, ~0ULL));
  ASSERT_EQ(places.chunks.size(), 2U);
  EXPECT_EQ(places.chunks[1].chunk.length(), 500U);
  EXPECT_EQ(places.chunks[1].nodes.size(), 2U);
  EXPECT_TRUE(hasKnownEnd(places.chunks[1].chunk));
  EXPECT_CODE(Code::LEASE_CONFLICT, appendTo("/f"));
  EXPECT_GT(appendTo("/f").error().retryAfterMs(), 0U);
  EXPECT_CODE(Code::LEASE_CONFLICT, cut("/f", 1000));
  EXPECT_FALSE(cut("/f", 1500).value());  // the same again

  const auto order = attempt(file);
  ASSERT_TRUE(order.has_value());
  EXPECT_TRUE(order->cut);
  EXPECT_EQ(order->length, 500U);
  EXPECT_EQ(order->nodes.size(), 2U);
  EXPECT_CODE(Code::INVALID_ARGUMENT, settle(*order, 499, {1, 2}));
  ASSERT_OK(settle(*order, 500, {order->nodes[0].value, order->nodes[1].value}));
  EXPECT_EQ(look("/f").value().length(), 1500U);
  EXPECT_EQ(look("/f").value().stored_length(), 750U);
  EXPECT_FALSE(look("/f").value().under_construction());
  expectLengthsAddUp("/f");
  EXPECT_EQ(counts.chunks, 3);  // the third is not reclaimed yet
  EXPECT_EQ(rows(Table::LEASE), 0U);
}

}  // namespace
}  // namespace cairn::nn
