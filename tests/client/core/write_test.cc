// Protects the write path: what arrives at the datanodes is what was written, cut and digested as
// the format says, whatever the sizes; the window holds; a chunk that cannot be begun on a node is
// begun elsewhere.
#include <gtest/gtest.h>

#include "tests/client/fakes/fixture.h"
#include "tests/client/fakes/replica_check.h"

namespace cairn::client {
namespace {

using fakes::ClientTest;

class Write : public ClientTest {
protected:
  // Every chunk of the file: its length, and its replicas decoded and checked against the digests
  // that the writer gave.
  void expectStored(const std::string& path, const std::string& contents) {
    std::uint64_t at = 0;
    const auto& chunks = file(path).chunks;
    for (std::size_t i = 0; i < chunks.size(); ++i) {
      const auto& chunk = chunks[i];
      ASSERT_TRUE(chunk.committed);
      if (i + 1 < chunks.size()) ASSERT_EQ(chunk.length, file(path).chunkSize);
      ASSERT_GT(chunk.length, 0u);
      ASSERT_EQ(chunk.nodes.size(), namenode.replication);
      for (auto node : chunk.nodes) {
        fakes::expectReplica(cluster->node(node).replicas.at(chunk.id),
                             std::string_view(contents).substr(at, chunk.length));
      }
      at += chunk.length;
    }
    EXPECT_EQ(at, contents.size());
    EXPECT_FALSE(file(path).open);
  }
};

TEST_F(Write, EverySizeAroundTheBordersOfFramesPacketsAndChunks) {
  start(2, 2);
  unsigned number = 0;
  for (std::size_t size :
       {0, 1, 511, 512, 513, 1024, 4095, 4096, 4097, 4608, 8191, 8192, 8193, 3 * 4096 + 17}) {
    for (std::size_t piece : {std::size_t{1}, std::size_t{700}, SIZE_MAX}) {
      auto path = "/f" + std::to_string(number++);
      auto contents = size % 2 == 0 ? text(size, size) : noise(size, size);
      auto entry = write(path, contents, piece);
      ASSERT_TRUE(entry.has_value()) << entry.error().toString();
      EXPECT_EQ(entry->length, size);
      EXPECT_EQ(file(path).chunks.size(), (size + 4095) / 4096);
      expectStored(path, contents);
    }
  }
}

// Chunks larger than a packet, frames as in production, a chunk that no frame size divides.
TEST_F(Write, ManyPacketsAChunk) {
  namenode.chunkSize = 5'000'001;
  namenode.frameSize = 128_KiB;
  start(1);
  auto contents = text(6'000'000) + noise(3'000'000) + text(2'500'000, 2);
  ASSERT_TRUE(write("/f", contents, 77'777).has_value());
  EXPECT_EQ(file("/f").chunks.size(), 3u);
  expectStored("/f", contents);
}

TEST_F(Write, UncompressedWhenAskedFor) {
  start(1);
  auto contents = std::string(3000, 'x');
  CreateOptions options;
  options.defaultCodec = false;
  options.codec = Codec::NONE;
  ASSERT_TRUE(write("/f", contents, SIZE_MAX, options).has_value());
  expectStored("/f", contents);
  std::size_t stored = 0;
  for (const auto& packet : cluster->node(1).replicas.begin()->second.packets) {
    stored += packet.frames.size();
  }
  EXPECT_GT(stored, contents.size());
}

// The blocking facade says "nothing filled" before it asks for room, and may ask for room in vain.
TEST_F(Write, FillingNothingAddsNothing) {
  start(1);
  auto writer = wait(files->create("/f")).value();
  writer->fill(0);
  EXPECT_EQ(wait(writer->room())->size(), 4096u);
  writer->fill(0);
  ASSERT_TRUE(wait(writer->write(asBytes("five!"))).has_value());
  EXPECT_EQ(wait(writer->room())->size(), 4091u);
  writer->fill(0);
  ASSERT_TRUE(wait(writer->close()).has_value());
  expectStored("/f", "five!");
}

// The bound on unacknowledged bytes keeps a slow datanode from filling memory everywhere.
TEST_F(Write, TheWindowIsNeverExceeded) {
  options.writeWindowBytes = 7 * limits::PACKET_PLAIN_BYTES / 2;
  options.encodeAheadBytes = 8_MiB;
  namenode.chunkSize = 16_MiB;
  namenode.frameSize = 128_KiB;
  start(1);
  auto contents = noise(20_MiB);
  auto writer = wait(files->create("/f")).value();
  cluster->holdAcknowledgements = true;
  auto done = writer->write(asBytes(contents));
  unsigned rounds = 0;
  while (!done.poll(loop.waitScope)) {
    ASSERT_LE(cluster->held(), 3u);
    ASSERT_LT(++rounds, 100u);
    cluster->release();
  }
  EXPECT_LE(cluster->unacknowledgedMax, options.writeWindowBytes);
  EXPECT_GT(cluster->unacknowledgedMax, 3 * limits::PACKET_PLAIN_BYTES);
  cluster->holdAcknowledgements = false;
  cluster->release();
  ASSERT_TRUE(wait(writer->close()).has_value());
  expectStored("/f", contents);
}

// A datanode with many writers grants each of them little.
TEST_F(Write, TheWindowIsNeverWiderThanTheDatanodeGrants) {
  options.encodeAheadBytes = 8_MiB;
  namenode.chunkSize = 16_MiB;
  namenode.frameSize = 128_KiB;
  start(1);
  cluster->node(1).window = 5 * limits::PACKET_PLAIN_BYTES / 2;
  const auto contents = noise(10_MiB);
  auto writer = wait(files->create("/f")).value();
  ASSERT_TRUE(wait(writer->write(asBytes(contents))).has_value());
  ASSERT_TRUE(wait(writer->close()).has_value());
  EXPECT_LE(cluster->unacknowledgedMax, cluster->node(1).window);
  expectStored("/f", contents);
}

TEST_F(Write, BackPressureReachesTheWriter) {
  options.writeWindowBytes = 10'000;
  options.encodeAheadBytes = 3 * 4096;
  start(1);
  auto contents = noise(20 * 4096);
  auto writer = wait(files->create("/f")).value();
  cluster->holdAcknowledgements = true;
  auto done = writer->write(asBytes(contents));
  loop.settle();
  EXPECT_FALSE(done.poll(loop.waitScope));
  // One chunk's packet is out, three more wait behind it.
  EXPECT_LE(writer->position(), 5u * 4096);
  EXPECT_EQ(writer->acknowledged(), 0u);
  cluster->holdAcknowledgements = false;
  cluster->release();
  ASSERT_TRUE(wait(kj::mv(done)).has_value());
  ASSERT_TRUE(wait(writer->close()).has_value());
  EXPECT_EQ(writer->acknowledged(), contents.size());
  expectStored("/f", contents);
}

// An answer lost on the way back must not add a second chunk, create a second file, or fail a
// complete that was done.
TEST_F(Write, LostAnswersTakeEffectOnce) {
  start(1);
  auto contents = text(10'000);
  auto writing = files->create("/f");
  namenode.loseReplies = 1;
  auto writer = wait(kj::mv(writing)).value();
  namenode.loseReplies = 1;
  ASSERT_TRUE(wait(writer->write(asBytes(contents))).has_value());
  loop.settle();
  namenode.loseReplies = 1;
  ASSERT_TRUE(wait(writer->close()).has_value());
  EXPECT_EQ(namenode.loseReplies, 0u);
  EXPECT_EQ(namenode.effects["create"], 1u);
  EXPECT_EQ(namenode.effects["addChunk"], 3u);
  EXPECT_EQ(namenode.effects["complete"], 1u);
  expectStored("/f", contents);
}

TEST_F(Write, ANodeThatCannotBeOpenedIsLeftOutForTheRestOfTheFile) {
  start(3);
  cluster->node(1).refuseWriters = Status(Code::DISK_FULL, "no space left");
  auto contents = text(9000);
  auto entry = write("/f", contents);
  ASSERT_TRUE(entry.has_value()) << entry.error().toString();
  EXPECT_EQ(namenode.abandoned, 1u);
  ASSERT_EQ(namenode.excludedSeen.size(), 4u);
  EXPECT_TRUE(namenode.excludedSeen[0].empty());
  for (int i = 1; i < 4; ++i) EXPECT_EQ(namenode.excludedSeen[i], std::vector<std::uint32_t>{1});
  EXPECT_TRUE(cluster->node(1).replicas.empty());
  expectStored("/f", contents);
}

// The node that failed is in the middle of the pipeline, not the one that was called.
TEST_F(Write, TheFailedNodeOfAPipelineIsLeftOutNotItsFirst) {
  start(3, 2);
  cluster->node(2).die();
  loop.settle();
  ASSERT_TRUE(write("/f", text(100)).has_value());
  ASSERT_EQ(namenode.excludedSeen.size(), 2u);
  EXPECT_EQ(namenode.excludedSeen[1], std::vector<std::uint32_t>{2});
}

TEST_F(Write, WhenNoPipelineOpensTheErrorNamesEveryNode) {
  start(2);
  cluster->node(1).refuseWriters = Status(Code::DISK_FULL, "no space left");
  cluster->node(2).die();
  loop.settle();
  auto entry = write("/f", text(100));
  ASSERT_FALSE(entry.has_value());
  EXPECT_EQ(entry.error().code(), Code::PLACEMENT_FAILED);
  for (const char* part : {"/f", "datanode 1 (datanode1)", "no space left", "datanode 2"}) {
    EXPECT_NE(entry.error().message().find(part), std::string::npos) << entry.error().message();
  }
  EXPECT_TRUE(file("/f").open);
}

// Without renewals a slow writer loses its file after a minute.
TEST_F(Write, LeasesAreRenewedWhileAFileIsOpenAndOnlyThen) {
  start(1);
  auto writer = wait(files->create("/f")).value();
  wait(loop.timer.afterDelay(100 * kj::SECONDS));
  EXPECT_EQ(namenode.renewals, 3u);
  ASSERT_TRUE(wait(writer->close()).has_value());
  wait(loop.timer.afterDelay(100 * kj::SECONDS));
  EXPECT_EQ(namenode.renewals, 3u);
  auto second = wait(files->create("/g")).value();
  second = nullptr;
  wait(loop.timer.afterDelay(100 * kj::SECONDS));
  EXPECT_EQ(namenode.renewals, 3u);
}

// Protects writers where the soft limit of leases is short: they renew as often as they are told,
// also when they only append.
TEST_F(Write, LeasesAreRenewedAsOftenAsTheNamenodeSays) {
  start(1);
  ASSERT_TRUE(write("/f", text(10)).has_value());
  EXPECT_EQ(namenode.renewals, 0u);
  namenode.leaseRenewMs = 2500;
  auto writer = wait(files->append("/f")).value();
  wait(loop.timer.afterDelay(11 * kj::SECONDS));
  EXPECT_EQ(namenode.renewals, 4u);
  ASSERT_TRUE(wait(writer->close()).has_value());
  namenode.leaseRenewMs = 5000;
  writer = wait(files->create("/g")).value();
  wait(loop.timer.afterDelay(11 * kj::SECONDS));
  EXPECT_EQ(namenode.renewals, 6u);
}

TEST_F(Write, CompleteWaitsForAReplica) {
  start(1);
  auto writer = wait(files->create("/f")).value();
  ASSERT_TRUE(wait(writer->write(asBytes("bytes"))).has_value());
  loop.settle();
  namenode.refusals.assign(3, Status(Code::NOT_REPLICATED_YET, "soon"));
  ASSERT_TRUE(wait(writer->close()).has_value());
  EXPECT_TRUE(namenode.refusals.empty());
}

// A writer may be dropped at any moment, with jobs, calls and timers under way.
TEST_F(Write, DroppingAWriterAtAnyMomentLeavesAnIncompleteFile) {
  start(2, 2);
  auto contents = noise(6 * 4096);
  for (unsigned turns = 0; turns < 40; ++turns) {
    auto path = "/f" + std::to_string(turns);
    auto writer = wait(files->create(path)).value();
    auto done = writer->write(asBytes(contents));
    wait([](unsigned left) -> kj::Promise<void> {
      while (left-- > 0) co_await kj::evalLater([]() {});
    }(turns * 3));
    done = nullptr;
    if (turns % 2 == 0) writer->abandon();
    writer = nullptr;
    loop.settle();
    EXPECT_TRUE(file(path).open);
  }
}

}  // namespace
}  // namespace cairn::client
