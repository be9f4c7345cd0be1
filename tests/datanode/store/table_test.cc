// Protects the datanode's books: the digests are those of what is there, whatever came and went; no
// news of a replica is lost or overtaken by older ones; a full volume is never chosen.
#include <gtest/gtest.h>

#include <map>

#include "common/base/units.h"
#include "common/io/random.h"
#include "datanode/store/choose_volume.h"
#include "datanode/store/replica_table.h"
#include "datanode/store/report_queue.h"

namespace cairn::dn {
namespace {

ReplicaKey key(std::uint64_t number, std::uint64_t generation = 1) {
  return {ChunkId(number * 16), GenerationStamp(generation)};
}

// Random changes, compared with the digests of a plain map each time.
TEST(ReplicaTable, DigestsAreThoseOfWhatIsThere) {
  io::Random random(7);
  ReplicaTable table;
  std::map<ReplicaKey, Replica> model;
  for (int step = 0; step < 3000; ++step) {
    const auto at = key(1 + random.below(40) * 40'000, 1 + random.below(3));
    if (random.chance(0.4)) {
      EXPECT_EQ(table.remove(at).has_value(), model.erase(at) == 1);
    } else {
      const Replica replica{.length = random.below(1000),
                            .storedLength = random.below(1000),
                            .volume = static_cast<std::uint8_t>(random.below(2)),
                            .state = static_cast<ReplicaState>(random.below(3))};
      table.put(at, replica);
      model[at] = replica;
    }
    if (step % 500 == 499) {
      for (const auto& [gone, replica] : table.dropVolume(1)) EXPECT_EQ(model.erase(gone), 1U);
    }
    std::map<std::uint64_t, InventoryDigest> digests;
    std::uint64_t bytes = 0;
    for (const auto& [k, replica] : model) {
      if (replica.volume == 0) bytes += replica.storedLength;
      if (replica.state != ReplicaState::FINAL) continue;
      digests[inventoryRangeOf(k.chunk)].add(k.chunk, k.generation, replica.length);
    }
    const auto all = table.digests(0, 1000);
    ASSERT_EQ((std::map<std::uint64_t, InventoryDigest>(all.begin(), all.end())), digests);
    EXPECT_EQ(table.totalsOf(0).storedBytes, bytes);
  }
}

TEST(ReplicaTable, DigestsComeInPages) {
  ReplicaTable table;
  for (std::uint64_t i = 0; i < 5; ++i) table.put(key(1 + i * 65'536), {.length = i});
  std::vector<std::uint64_t> ranges;
  for (std::uint64_t next = 0;;) {
    const auto page = table.digests(next, 2);
    if (page.empty()) break;
    for (const auto& [range, digest] : page) ranges.push_back(range);
    next = page.back().first + 1;
  }
  EXPECT_EQ(ranges, (std::vector<std::uint64_t>{0, 1, 2, 3, 4}));
  EXPECT_EQ(table.inRange(3).size(), 1U);
  EXPECT_TRUE(table.inRange(~std::uint64_t{0}).empty());  // does not wrap around to range 0
}

TEST(ReplicaTable, NewestGenerationIsTheChunksOwn) {
  ReplicaTable table;
  table.put(key(1, 3), {});
  table.put(key(1, 9), {});
  table.put(key(2, 5), {});
  EXPECT_EQ(table.newestOf(ChunkId(16)), GenerationStamp(9));
  EXPECT_EQ(table.newestOf(ChunkId(32)), GenerationStamp(5));
  EXPECT_EQ(table.newestOf(ChunkId(48)), std::nullopt);
}

// Protects a replica from what was read of the one before it under the same key.
TEST(ReplicaTable, AnIncarnationIsThatOfOneReplica) {
  ReplicaTable table;
  table.put(key(1), {.state = ReplicaState::WRITING});
  table.put(key(2), {.length = 7});
  const auto first = *table.find(key(1));
  EXPECT_NE(first.incarnation, Incarnation());
  EXPECT_NE(first.incarnation, table.find(key(2))->incarnation);
  table.put(key(1), {.length = 5, .state = ReplicaState::FINAL});
  EXPECT_EQ(table.find(key(1))->incarnation, first.incarnation);
  table.remove(key(1));
  table.put(key(1), first);
  EXPECT_NE(table.find(key(1))->incarnation, first.incarnation);
  EXPECT_NE(*table.find(key(1)), first);
}

TEST(ReportQueue, NewerNewsWinOverThosePutBack) {
  ReportQueue queue;
  queue.add(key(1), {.kind = ReplicaNews::Kind::RBW, .length = 1});
  queue.add(key(2), {.kind = ReplicaNews::Kind::FINAL, .length = 2});
  auto batch = queue.take(10);
  EXPECT_TRUE(queue.empty());
  queue.add(key(1), {.kind = ReplicaNews::Kind::FINAL, .length = 3});
  queue.putBack(std::move(batch));
  auto again = queue.take(10);
  EXPECT_EQ(again.at(key(1)).length, 3U);
  EXPECT_EQ(again.at(key(2)).length, 2U);
}

TEST(ReportQueue, TakesNoMoreThanAsked) {
  ReportQueue queue;
  for (std::uint64_t i = 1; i <= 5; ++i) queue.add(key(i), {});
  EXPECT_EQ(queue.take(3).size(), 3U);
  EXPECT_EQ(queue.size(), 2U);
}

TEST(ChooseVolume, LeavesFullBusyAndFailedOnesAlone) {
  const std::vector<VolumeLoad> volumes{{.freeBytes = 1000, .writers = 4},
                                        {.freeBytes = 900, .writers = 0},
                                        {.freeBytes = 9000, .inService = false},
                                        {.freeBytes = 90}};
  EXPECT_EQ(chooseVolume(volumes, 100), 1U);
  EXPECT_EQ(chooseVolume(volumes, 950), 0U);
  EXPECT_EQ(chooseVolume(volumes, 5000), std::nullopt);

  // All that a replica may become, where there is plenty; a share of what there is, where not.
  EXPECT_EQ(promiseFor(100_GiB, 128_MiB), 128_MiB);
  EXPECT_EQ(promiseFor(1_GiB, 128_MiB), 64_MiB);
  EXPECT_EQ(promiseFor(130_MiB, 128_MiB), 16_MiB);
  EXPECT_EQ(promiseFor(1_GiB, 1_MiB), 1_MiB);
  EXPECT_EQ(chooseVolume({}, 1), std::nullopt);
}

}  // namespace
}  // namespace cairn::dn
