// Protects: fsck's verdict and its last line, which scripts read, and the counts behind them.
#include "client/shell/fsck_report.h"

#include <gtest/gtest.h>

#include "client/shell/cluster_report.h"
#include "client/shell/fsck_chunks.h"

namespace cairn::shell {
namespace {

ChunkLocation chunkOn(std::uint64_t id, std::initializer_list<std::uint32_t> nodes) {
  ChunkLocation chunk{
      .chunk = id, .generation = 1, .length = 100, .storedLength = 40, .complete = true};
  for (const auto node : nodes) {
    chunk.replicas.push_back({.node = node, .address = "127.0.0.1:" + std::to_string(9000 + node)});
  }
  return chunk;
}

Entry fileOf(std::uint32_t chunks) {
  return {.length = chunks * 100u,
          .storedLength = chunks * 40u,
          .replication = 2,
          .chunkCount = chunks};
}

TEST(Fsck, HealthIsCountedByChunk) {
  auto open = chunkOn(64, {});
  open.complete = false;
  const std::vector<ChunkLocation> chunks{chunkOn(16, {1, 2}), chunkOn(32, {1}), chunkOn(48, {}),
                                          open, chunkOn(80, {1, 2, 3})};
  const auto health = judge(fileOf(5), chunks);
  EXPECT_EQ(health.missing, 1u);
  EXPECT_EQ(health.underReplicated, 1u);
  EXPECT_EQ(health.overReplicated, 1u);
  EXPECT_EQ(health.open, 1u);
  EXPECT_EQ(health.storedReplicated, 6 * 40u);
}

TEST(Fsck, DetailGrowsWithTheFlags) {
  const std::vector<ChunkLocation> chunks{chunkOn(16, {1, 2}), chunkOn(32, {})};
  const auto file = fileOf(2);
  const auto health = judge(file, chunks);
  const std::string line = "/x  200 bytes, 2 chunks, replication 2: 1 MISSING\n";
  EXPECT_EQ(describeFile("/x", file, chunks, health, {.files = true}), line);
  EXPECT_EQ(describeFile("/x", file, chunks, health, {.files = true, .chunks = true}),
            line +
                "  0. chunk 16_1  plain 100  stored 40  replicas 2\n"
                "  1. chunk 32_1  plain 100  stored 40  replicas 0  MISSING\n");
  EXPECT_EQ(
      describeFile("/x", file, chunks, health, {.files = true, .chunks = true, .locations = true}),
      line +
          "  0. chunk 16_1  plain 100  stored 40  replicas 2  on 1@127.0.0.1:9001, "
          "2@127.0.0.1:9002\n"
          "  1. chunk 32_1  plain 100  stored 40  replicas 0  MISSING\n");
}

// Protects scripts that read HDFS's lines of one block: counts, then each replica.
TEST(Fsck, AChunkIsToldInHdfssLines) {
  auto chunk = chunkOn(16, {1, 2, 3});
  chunk.suspects = 1;
  chunk.suspectNodes = {2};
  for (auto& replica : chunk.replicas) replica.rack = "/r1";
  const std::string head = "Block Id: blk_16\nBlock belongs to: /x\n";
  EXPECT_EQ(describeChunk("/x", fileOf(1), chunk),
            head +
                "No. of Expected Replica: 2\nNo. of live Replica: 2\n"
                "No. of excess Replica: 0\nNo. of corrupted Replica: 1\n"
                "Block replica on datanode/rack: 127.0.0.1:9001/r1 is HEALTHY\n"
                "Block replica on datanode/rack: 127.0.0.1:9002/r1 is CORRUPT\n"
                "Block replica on datanode/rack: 127.0.0.1:9003/r1 is HEALTHY\n");
  const auto text = describeChunk("/x", fileOf(1), chunkOn(16, {1, 2, 3}));
  EXPECT_NE(text.find("live Replica: 2\nNo. of excess Replica: 1\n"), std::string::npos) << text;
  auto open = chunkOn(16, {1});
  open.complete = false;
  EXPECT_TRUE(describeChunk("/x", fileOf(1), open).ends_with("9001 is being written\n"));
}

// Protects what may be given as a chunk's id: what fsck prints, and what HDFS's does.
TEST(Fsck, ChunkIdsAreReadAsTheyArePrinted) {
  EXPECT_EQ(chunkIdIn("16"), 16u);
  EXPECT_EQ(chunkIdIn("16_1001"), 16u);
  EXPECT_EQ(chunkIdIn("blk_16"), 16u);
  EXPECT_EQ(chunkIdIn("blk_16_1001"), 16u);
  for (const char* wrong : {"", "blk_", "x", "16x", "16_", "16_x", "blk_x", "-1", "_16", "1 6",
                            "99999999999999999999"}) {
    EXPECT_EQ(chunkIdIn(wrong), std::nullopt) << wrong;
  }
}

TEST(Fsck, RacksAreToldWhenAsked) {
  auto chunk = chunkOn(16, {1});
  chunk.replicas[0].rack = "/r1";
  const auto text = describeFile("/x", fileOf(1), {&chunk, 1}, judge(fileOf(1), {&chunk, 1}),
                                 {.files = true, .chunks = true, .locations = true, .racks = true});
  EXPECT_TRUE(text.ends_with("  on /r1/1@127.0.0.1:9001\n")) << text;
}

// As HDFS: nobody is woken by a file that is just being written.
TEST(Fsck, OpenFilesAreLeftOutOfTheVerdict) {
  auto open = fileOf(2);
  open.underConstruction = true;
  const std::vector<ChunkLocation> chunks{chunkOn(16, {}), chunkOn(32, {1, 2})};
  FsckTotals totals;
  totals.leaveOut(open);
  EXPECT_FALSE(totals.corrupt());
  EXPECT_EQ(totals.files, 0u);
  EXPECT_EQ(totals.chunks, 0u);
  EXPECT_NE(
      totals.summary("/a").find("\n left out:         1 file being written: 200 bytes in 2 chunks "
                                "(--open-for-write)\n"),
      std::string::npos)
      << totals.summary("/a");
  EXPECT_NE(totals.json("/a", "[]").find(R"("open_files":1,"left_out":1)"), std::string::npos);
  FsckTotals all;
  all.add(open, judge(open, chunks));
  EXPECT_TRUE(all.corrupt()) << "when it is asked for, its complete chunks count";
  EXPECT_EQ(all.summary("/a").find("left out"), std::string::npos);
  EXPECT_NE(all.summary("/a").find(" files:            1, 1 being written\n"), std::string::npos);
  EXPECT_EQ(describeFile("/x", open, chunks, judge(open, chunks), {.files = true}),
            "/x  200 bytes, 2 chunks, replication 2, OPENFORWRITE: 1 MISSING\n");
}

TEST(Fsck, CorruptChunksAreListedByFile) {
  auto damaged = chunkOn(48, {1});
  damaged.damaged = true;
  auto open = chunkOn(64, {});
  open.complete = false;
  const std::vector<ChunkLocation> chunks{chunkOn(16, {}), chunkOn(32, {1}), damaged, open};
  EXPECT_EQ(corruptChunks("/x y", chunks), "16_1\t/x y\n48_1\t/x y\n");
  FsckTotals totals;
  totals.add(fileOf(4), judge(fileOf(4), chunks));
  EXPECT_EQ(corruptSummary("/a", totals), "The filesystem under path '/a' has 2 CORRUPT chunks\n");
}

TEST(Fsck, TheLastLineIsHdfss) {
  FsckTotals totals{.directories = 1};
  totals.add(fileOf(1), judge(fileOf(1), std::vector{chunkOn(16, {1})}));
  EXPECT_TRUE(totals.summary("/a").ends_with("\nThe filesystem under path '/a' is HEALTHY\n"))
      << "too few replicas are no damage";
  totals.add(fileOf(1), judge(fileOf(1), std::vector{chunkOn(32, {})}));
  EXPECT_TRUE(totals.summary("/a").ends_with("\nThe filesystem under path '/a' is CORRUPT\n"));
  EXPECT_EQ(totals.underReplicated, 1u);
  EXPECT_EQ(totals.missing, 1u);
  EXPECT_EQ(totals.files, 2u);
}

TEST(Fsck, WhatWasNotLookedIntoIsNotCalledHealthy) {
  FsckTotals totals{.directories = 1};
  totals.add(fileOf(1), judge(fileOf(1), std::vector{chunkOn(16, {1})}));
  EXPECT_EQ(totals.summary("/a").find("not looked into"), std::string::npos);
  EXPECT_NE(totals.json("/a", "[]").find(R"("healthy":true)"), std::string::npos);
  totals.notLookedInto = 2;
  EXPECT_NE(totals.summary("/a").find("\n not looked into:  2\n"), std::string::npos)
      << totals.summary("/a");
  EXPECT_TRUE(totals.summary("/a").ends_with("\nThe filesystem under path '/a' is INCOMPLETE\n"));
  EXPECT_NE(totals.json("/a", "[]").find(R"("healthy":false)"), std::string::npos);
  EXPECT_NE(totals.json("/a", "[]").find(R"("not_looked_into":2)"), std::string::npos);
  totals.missing = 1;
  EXPECT_TRUE(totals.summary("/a").ends_with("\nThe filesystem under path '/a' is CORRUPT\n"));
}

// Protects the last good copy: damage that another replica makes up for is one replica less.
TEST(Fsck, DamagedReplicasAreNoGoodOnes) {
  auto chunk = chunkOn(16, {1, 2});
  chunk.suspects = 1;
  const std::vector<ChunkLocation> chunks{chunk};
  const auto file = fileOf(1);
  const auto health = judge(file, chunks);
  EXPECT_EQ(health.underReplicated, 1u);
  EXPECT_EQ(health.overReplicated, 0u);
  EXPECT_EQ(health.damaged, 0u);
  EXPECT_EQ(health.storedReplicated, 80u);
  EXPECT_EQ(describeFile("/x", file, chunks, health, {.files = true, .chunks = true}),
            "/x  100 bytes, 1 chunk, replication 2: 1 under-replicated\n"
            "  0. chunk 16_1  plain 100  stored 40  replicas 2  1 of them corrupt\n");
  FsckTotals totals;
  totals.add(file, health);
  EXPECT_NE(totals.summary("/").find("\n corrupt replicas: 1\n"), std::string::npos)
      << totals.summary("/");
  EXPECT_NE(totals.json("/", "[]").find(R"("corrupt":0,"corrupt_replicas":1,"under_replicated":1)"),
            std::string::npos);
  // With one more there are as many good ones as there should be.
  auto spare = chunkOn(16, {1, 2, 3});
  spare.suspects = 1;
  EXPECT_EQ(judge(file, std::vector{spare}).underReplicated, 0u);
  EXPECT_EQ(judge(file, std::vector{spare}).overReplicated, 0u);
}

// Every copy reads wrong somewhere: that is no health, whatever their number.
TEST(Fsck, DamageOfEveryCopyIsSaid) {
  auto damaged = chunkOn(16, {1, 2});
  damaged.damaged = true;
  const std::vector<ChunkLocation> chunks{damaged};
  const auto file = fileOf(1);
  const auto health = judge(file, chunks);
  EXPECT_EQ(health.damaged, 1u);
  EXPECT_EQ(describeFile("/x", file, chunks, health, {.files = true, .chunks = true}),
            "/x  100 bytes, 1 chunk, replication 2: 1 CORRUPT\n"
            "  0. chunk 16_1  plain 100  stored 40  replicas 2  CORRUPT\n");
  FsckTotals totals{.directories = 1};
  totals.add(file, health);
  EXPECT_TRUE(totals.corrupt());
  EXPECT_TRUE(totals.summary("/a").ends_with("\nThe filesystem under path '/a' is CORRUPT\n"));
}

TEST(ClusterReport, DeadNodesAndFailedVolumesDoNotCount) {
  ClusterReport report;
  report.info.nowMs = 100'000;
  report.datanodes.resize(2);
  report.datanodes[0] = {
      .address = {.node = 1, .address = "a:1", .rack = "/r"},
      .live = true,
      .lastHeartbeatMs = 98'500,
      .volumes = {{.path = "/v1", .capacity = 2048, .used = 1024, .free = 1024},
                  {.path = "/v2", .capacity = 9999, .failed = true, .error = "no disk"}}};
  report.datanodes[1] = {.address = {.node = 2, .address = "b:1", .rack = "/r"},
                         .volumes = {{.path = "/v", .capacity = 4096}}};
  const auto text = describeCluster("nn:1", report);
  EXPECT_NE(text.find("capacity 2.0 KiB, used 1.0 KiB, free 1.0 KiB\n"), std::string::npos) << text;
  EXPECT_NE(text.find("1 live, 1 dead\n"), std::string::npos) << text;
  EXPECT_NE(text.find("live, last heard of 1.5 s ago"), std::string::npos) << text;
  EXPECT_NE(text.find("/v2  FAILED: no disk"), std::string::npos) << text;
  EXPECT_NE(text.find("  node 2  b:1  /r  DEAD"), std::string::npos) << text;
}

}  // namespace
}  // namespace cairn::shell
