// Protects writers from their datanodes: whichever node fails at whichever moment, the file is
// complete in the end, every replica of it holds exactly what was written, and what was
// acknowledged was never given up. Where nothing is left, the error names each node.
#include <gtest/gtest.h>

#include "tests/client/fakes/fixture.h"
#include "tests/client/fakes/replica_check.h"

namespace cairn::client {
namespace {

using fakes::ClientTest;

class Rebuild : public ClientTest {
protected:
  // Every replica that the namenode has on record decodes to the file's bytes.
  void expectStored(const std::string& path, const std::string& contents, std::size_t replicasMin) {
    std::uint64_t at = 0;
    for (const auto& chunk : file(path).chunks) {
      ASSERT_TRUE(chunk.committed);
      ASSERT_GE(chunk.nodes.size(), replicasMin);
      for (auto node : chunk.nodes) {
        const auto& replica = cluster->node(node).replicas.at(chunk.id);
        EXPECT_EQ(replica.generation, chunk.generation) << "node " << node;
        fakes::expectReplica(replica, std::string_view(contents).substr(at, chunk.length));
      }
      at += chunk.length;
    }
    EXPECT_EQ(at, contents.size());
    EXPECT_FALSE(file(path).open);
  }
  // Writes in packets of 1 KiB, each flushed.
  Result<Entry> writeFlushed(const std::string& path, std::string_view contents,
                             std::size_t piece = 1024) {
    ASSIGN(auto writer, wait(files->create(path)));
    while (!contents.empty()) {
      auto size = std::min(piece, contents.size());
      TRY(wait(writer->write(asBytes(contents.substr(0, size)))));
      TRY(wait(writer->flush(FlushTo::MEMORY)));
      contents.remove_prefix(size);
    }
    return wait(writer->close());
  }
  void restart(unsigned datanodes, std::uint16_t replication) {
    const auto [chunkSize, frameSize] = std::pair(namenode.chunkSize, namenode.frameSize);
    files = nullptr;
    door = nullptr;
    namenode = {};
    namenode.chunkSize = chunkSize;
    namenode.frameSize = frameSize;
    start(datanodes, replication);
  }
};

// Nothing of the chunk is acknowledged, or something is; the first node, one in the middle or the
// last; with a node to take its place and without one.
TEST_F(Rebuild, WhicheverNodeDiesAtWhicheverPacket) {
  const auto contents = text(9 * 1024 - 5);
  for (unsigned datanodes : {3u, 4u}) {
    for (std::uint32_t dying : {1u, 2u, 3u}) {
      for (unsigned at = 0; at < 9; ++at) {
        SCOPED_TRACE("node " + std::to_string(dying) + " of " + std::to_string(datanodes) +
                     " at push " + std::to_string(at));
        restart(datanodes, 3);
        cluster->node(dying).dieAtPush = at;
        auto entry = writeFlushed("/f", contents);
        ASSERT_TRUE(entry.has_value()) << entry.error().toString();
        EXPECT_EQ(entry->length, contents.size());
        // Flushed files get a replacement as soon as one node is missing, but where the chunk was
        // full and being sealed.
        expectStored("/f", contents, at % 4 == 3 ? 2 : datanodes - 1);
      }
    }
  }
}

// Packets that were sent and not acknowledged go out again, unchanged, however many there are.
TEST_F(Rebuild, AWholeWindowIsSentAgain) {
  namenode.chunkSize = 8_MiB;
  namenode.frameSize = 128_KiB;
  start(3, 3);
  const auto contents = noise(7_MiB + 5);
  cluster->node(2).dieAtPush = 4;
  auto entry = write("/f", contents);
  ASSERT_TRUE(entry.has_value()) << entry.error().toString();
  expectStored("/f", contents, 2);
}

// Protects writers among many: a new pipeline may grant less than the one before, and its nodes
// refuse who sends more. What was in flight goes out again piece by piece; a flush and the seal
// wait for it.
TEST_F(Rebuild, WhatIsSentAgainKeepsToTheNewWindow) {
  namenode.chunkSize = 8_MiB;
  namenode.frameSize = 128_KiB;
  options.writeWindowBytes = 8_MiB;
  options.encodeAheadBytes = 16_MiB;
  const auto contents = noise(7_MiB + 5);
  for (const bool flushes : {false, true}) {
    SCOPED_TRACE(flushes);
    restart(4, 3);
    for (std::uint32_t node = 1; node <= 4; ++node) cluster->node(node).window = 8_MiB;
    auto writer = wait(files->create("/f")).value();
    cluster->holdAcknowledgements = true;
    ASSERT_TRUE(wait(writer->write(asBytes(contents))).has_value());
    loop.settle();
    const auto before = cluster->held();
    ASSERT_GT(before, 1u);  // packets of a MiB
    for (std::uint32_t node = 1; node <= 4; ++node) cluster->node(node).window = 3_MiB / 2;
    cluster->node(1).die();
    loop.settle();
    EXPECT_EQ(cluster->held(), before + 1);
    auto flushed =
        flushes ? writer->flush(FlushTo::DISK) : kj::Promise<Result<void>>(Result<void>());
    auto closed = writer->close();
    loop.settle();
    EXPECT_EQ(cluster->held(), before + 1);
    cluster->holdAcknowledgements = false;
    cluster->release();
    ASSERT_TRUE(wait(kj::mv(flushed)).has_value());
    auto entry = wait(kj::mv(closed));
    ASSERT_TRUE(entry.has_value()) << entry.error().toString();
    expectStored("/f", contents, 3);
  }
}

TEST_F(Rebuild, NodesFailOneAfterTheOther) {
  start(3, 3);
  const auto contents = text(4000);
  cluster->node(1).dieAtPush = 1;
  cluster->node(2).dieAtPush = 2;
  auto entry = writeFlushed("/f", contents, 500);
  ASSERT_TRUE(entry.has_value()) << entry.error().toString();
  expectStored("/f", contents, 1);
}

TEST_F(Rebuild, AFailureWhileTheChunkIsSealed) {
  for (std::uint32_t failing : {1u, 2u, 3u}) {
    SCOPED_TRACE(failing);
    restart(4, 3);
    cluster->node(failing).failAtFinish = Status(Code::IO_ERROR, "fsync failed");
    const auto contents = text(5000);
    auto entry = write("/f", contents);
    ASSERT_TRUE(entry.has_value()) << entry.error().toString();
    // The nodes before the one that failed had sealed theirs already, and took it back.
    expectStored("/f", contents, 2);
    // No copy is waited for at the end.
    for (unsigned i = 1; i <= 4; ++i) EXPECT_TRUE(cluster->node(i).copied.empty());
  }
}

TEST_F(Rebuild, ANodeThatFailsDuringTheRebuildIsLeftOutToo) {
  start(3, 3);
  cluster->node(1).dieAtPush = 2;
  cluster->node(3).refuseResumes = Status(Code::IO_ERROR, "cannot be renamed");
  const auto contents = text(4000);
  auto entry = writeFlushed("/f", contents);
  ASSERT_TRUE(entry.has_value()) << entry.error().toString();
  expectStored("/f", contents, 1);
  EXPECT_EQ(file("/f").chunks[0].nodes, std::vector<std::uint32_t>{2});
}

// Protects bytes that were sent for a chunk of which no node is left: they go to another chunk, and
// are its frames then.
TEST_F(Rebuild, PacketsOfAnAbandonedChunkBecomeThoseOfTheNext) {
  namenode.chunkSize = 8_MiB;
  namenode.frameSize = 128_KiB;
  start(2, 1);
  const auto contents = text(2_MiB) + noise(1_MiB + 7);
  cluster->holdAcknowledgements = true;
  auto writer = wait(files->create("/f")).value();
  ASSERT_TRUE(wait(writer->write(asBytes(contents))).has_value());
  loop.settle();
  const auto first = file("/f").chunks.at(0);
  ASSERT_GT(cluster->node(first.nodes.at(0)).replicas.at(first.id).packets.size(), 1u);
  cluster->node(first.nodes.at(0)).die();
  cluster->holdAcknowledgements = false;
  ASSERT_TRUE(wait(writer->close()).has_value());
  EXPECT_EQ(namenode.abandoned, 1u);
  EXPECT_NE(file("/f").chunks.at(0).id, first.id);
  expectStored("/f", contents, 1);
}

// A chunk that is begun anew has no replicas until a pipeline of it is open. A node that would have
// got one and is well is asked for a new one, not for one to go on with: its answer that it has
// none would keep it out of the file.
TEST_F(Rebuild, ANodeIsNotAskedForWhatItNeverGot) {
  start(4, 2);
  cluster->node(1).dieAtPush = 0;
  cluster->node(2).refuseResumes = Status(Code::IO_ERROR, "cannot be renamed");
  cluster->node(3).refuseWriters = Status(Code::UNAVAILABLE, "it is stopping");
  const auto contents = text(4000);
  auto entry = writeFlushed("/f", contents);
  ASSERT_TRUE(entry.has_value()) << entry.error().toString();
  EXPECT_EQ(file("/f").chunks[0].nodes, std::vector<std::uint32_t>{4});
  EXPECT_EQ(cluster->node(4).resumes, 0u);
  expectStored("/f", contents, 1);
}

// A copy that fails holds nobody up: the file goes on with the nodes that are left.
TEST_F(Rebuild, AReplacementThatCannotBeHadIsDoneWithout) {
  start(4, 3);
  cluster->node(1).dieAtPush = 1;
  cluster->node(4).refuseCopies = Status(Code::DISK_FULL, "no space left");
  const auto contents = text(4000);
  auto entry = writeFlushed("/f", contents);
  ASSERT_TRUE(entry.has_value()) << entry.error().toString();
  expectStored("/f", contents, 2);
}

// Protects what readers have seen from the recovery of a chunk whose writer dies next: it keeps
// what all nodes have, and so no node may join with less than the others show.
TEST_F(Rebuild, AReplacementGetsWhatTheFirstNodeShows) {
  const auto contents = text(4000);
  for (const auto visible : {std::uint64_t{1024}, UINT64_MAX}) {
    restart(4, 3);
    cluster->node(1).visibleMax = visible;
    cluster->node(2).dieAtPush = 2;
    ASSERT_TRUE(writeFlushed("/f", contents).has_value());
    // The first has got the third packet, which was not acknowledged.
    EXPECT_EQ(cluster->node(4).copied,
              (std::vector<std::uint64_t>{visible == UINT64_MAX ? 3072u : 2048u}));
    EXPECT_EQ(file("/f").chunks[0].nodes, (std::vector<std::uint32_t>{1, 3, 4}));
    expectStored("/f", contents, 3);
  }
}

// One packet that the first node dies of: the file has all its replicas all the same.
TEST_F(Rebuild, ANodeThatFailsBeforeAnythingIsAcknowledgedIsReplaced) {
  const auto contents = text(1000);
  for (const std::uint16_t replication : {2, 3}) {
    restart(5, replication);
    cluster->node(1).dieAtPush = 0;
    if (replication == 3) cluster->node(2).dieAtPush = 0;
    auto entry = writeFlushed("/f", contents);
    ASSERT_TRUE(entry.has_value()) << entry.error().toString();
    expectStored("/f", contents, replication);
  }
}

// The only node loses its connections and has its replicas still.
TEST_F(Rebuild, TheLastNodeMayComeBack) {
  start(1, 1);
  const auto contents = text(4000);
  auto writer = wait(files->create("/f")).value();
  ASSERT_TRUE(wait(writer->write(asBytes(contents.substr(0, 1000)))).has_value());
  ASSERT_TRUE(wait(writer->flush(FlushTo::MEMORY)).has_value());
  cluster->node(1).die();
  ASSERT_TRUE(wait(writer->write(asBytes(contents.substr(1000)))).has_value());
  auto closed = writer->close();
  EXPECT_FALSE(closed.poll(loop.waitScope));
  wait(loop.timer.afterDelay(20 * kj::SECONDS));
  ASSERT_TRUE(wait(cluster->node(1).start()).has_value());
  auto entry = wait(kj::mv(closed));
  ASSERT_TRUE(entry.has_value()) << entry.error().toString();
  expectStored("/f", contents, 1);
}

TEST_F(Rebuild, WhenNoNodeIsLeftTheErrorNamesEach) {
  start(2, 2);
  cluster->node(1).dieAtPush = 1;
  cluster->node(2).dieAtPush = 2;
  auto writer = wait(files->create("/f")).value();
  Result<void> flushed;
  for (int i = 0; i < 5 && flushed.has_value(); ++i) {
    auto written = wait(writer->write(asBytes("some bytes")));
    if (written.has_value()) flushed = wait(writer->flush(FlushTo::MEMORY));
  }
  ASSERT_FALSE(flushed.has_value());
  EXPECT_EQ(flushed.error().code(), Code::UNAVAILABLE);
  for (const char* part : {"/f", "datanode 1", "datanode 2", "chunk"}) {
    EXPECT_NE(flushed.error().message().find(part), std::string::npos) << flushed.error().message();
  }
  // The error stays, and the file is incomplete.
  EXPECT_EQ(wait(writer->close()).error(), flushed.error());
  EXPECT_EQ(wait(writer->write(asBytes("more"))).error(), flushed.error());
  EXPECT_TRUE(file("/f").open);
}

// All nodes come back without the replica, with an older or a shorter one: the file is there still,
// and so no answer that says otherwise of it.
TEST_F(Rebuild, WhatNodesSayOfTheirReplicasIsNotSaidOfTheFile) {
  for (const auto code : {Code::NOT_FOUND, Code::STALE, Code::INVALID_ARGUMENT}) {
    SCOPED_TRACE(codeName(code));
    restart(2, 2);
    auto writer = wait(files->create("/f")).value();
    ASSERT_TRUE(wait(writer->write(asBytes("some bytes"))).has_value());
    ASSERT_TRUE(wait(writer->flush(FlushTo::MEMORY)).has_value());
    for (std::uint32_t node : {1u, 2u}) {
      cluster->node(node).refuseResumes = Status(code, "the replica is not what it was");
    }
    cluster->node(1).failAtSync = Status(Code::IO_ERROR, "no sync");
    const auto flushed = wait(writer->flush(FlushTo::DISK));
    ASSERT_FALSE(flushed.has_value());
    EXPECT_EQ(flushed.error().code(), Code::UNAVAILABLE) << flushed.error().toString();
    EXPECT_NE(flushed.error().message().find("not what it was"), std::string::npos);
  }
}

// Accepts and never answers: bounded by the deadlines, and the right node is left out.
TEST_F(Rebuild, ANodeThatHangsIsLeftOut) {
  for (std::uint32_t hanging : {1u, 2u}) {
    SCOPED_TRACE(hanging);
    restart(3, 3);
    cluster->node(hanging).stallAtPush = 1;
    const auto contents = text(4000);
    const auto began = loop.clock.monotonicMs();
    auto entry = writeFlushed("/f", contents);
    ASSERT_TRUE(entry.has_value()) << entry.error().toString();
    EXPECT_LE(loop.clock.monotonicMs() - began, options.datanodeWriteMs + 2000);
    for (auto node : file("/f").chunks[0].nodes) EXPECT_NE(node, hanging);
    expectStored("/f", contents, 2);
  }
}

// Somebody else took the file: no rebuild makes it ours again.
TEST_F(Rebuild, ALostLeaseEndsTheWriter) {
  start(2, 2);
  auto writer = wait(files->create("/f")).value();
  ASSERT_TRUE(wait(writer->write(asBytes("bytes"))).has_value());
  ASSERT_TRUE(wait(writer->flush(FlushTo::MEMORY)).has_value());
  file("/f").open = false;
  cluster->node(2).die();
  ASSERT_TRUE(wait(writer->write(asBytes("more"))).has_value());
  auto flushed = wait(writer->flush(FlushTo::MEMORY));
  ASSERT_FALSE(flushed.has_value());
  EXPECT_EQ(flushed.error().code(), Code::LEASE_EXPIRED);
}

// A writer may be dropped at any moment of a rebuild.
TEST_F(Rebuild, DroppingAWriterWhileItRebuilds) {
  start(4, 3);
  for (unsigned turns = 0; turns < 120; ++turns) {
    const auto path = "/f" + std::to_string(turns);
    auto writer = wait(files->create(path)).value();
    ASSERT_TRUE(wait(writer->write(asBytes("some bytes"))).has_value());
    ASSERT_TRUE(wait(writer->flush(FlushTo::MEMORY)).has_value());
    cluster->node(1).failAtSync = Status(Code::IO_ERROR, "no sync");
    auto flushing = writer->flush(FlushTo::DISK);
    wait([](unsigned left) -> kj::Promise<void> {
      while (left-- > 0) co_await kj::evalLater([]() {});
    }(turns));
    if (turns % 2 == 0) {
      flushing = nullptr;
    } else {
      writer->abandon();
      (void)flushing.poll(loop.waitScope);
      flushing = nullptr;
    }
    writer = nullptr;
    loop.settle();
    cluster->node(1).failAtSync = std::nullopt;
    EXPECT_TRUE(file(path).open);
  }
}

}  // namespace
}  // namespace cairn::client
