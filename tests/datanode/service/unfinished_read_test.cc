// Protects readers who follow a writer: they see what every node behind the one they ask has, too,
// byte for byte, and neither more than that nor anything that is damaged; the writer goes on.
#include <gtest/gtest.h>

#include "common/format/chunk_header.h"
#include "tests/datanode/fakes/fixture.h"

namespace cairn::dn {
namespace {

using fakes::DatanodeTest;
using fakes::key;
using fakes::makeChunk;

class UnfinishedRead : public DatanodeTest {};

TEST_F(UnfinishedRead, AReaderFollowsTheWriterPacketByPacket) {
  startNodes(2);
  const auto chunk = makeChunk(9000);
  ASSERT_VALUE(auto writer, openWriter({1, 2}, key(1), chunk));
  for (unsigned i : {1U, 2U}) EXPECT_EQ(read(i, key(1)).value(), "");
  for (const auto& packet : chunk.packets) {
    ASSERT_OK(push(writer, packet).result);
    const auto length = packet.offset + packet.plainLength;
    for (unsigned i : {1U, 2U}) {
      EXPECT_EQ(stat(i, key(1)).value(), std::pair(length, false));
      EXPECT_EQ(read(i, key(1)).value(), chunk.plain.substr(0, length));
      EXPECT_EQ(read(i, key(1), length).value(), "");
      EXPECT_EQ(read(i, key(1), length - 7).value(), chunk.plain.substr(length - 7, 7));
    }
  }
  ASSERT_OK(finish(writer, chunk).result);
  EXPECT_EQ(stat(1, key(1)).value(), std::pair(chunk.plain.size(), true));
}

// What only the first node has may vanish with it.
TEST_F(UnfinishedRead, BytesThatTheNextNodeHasNotAcknowledgedAreNotShown) {
  startNodes(2);
  const auto chunk = makeChunk(9000);
  ASSERT_VALUE(auto writer, openWriter({1, 2}, key(1), chunk));
  ASSERT_OK(push(writer, chunk.packets[0]).result);
  machine(2).pool.hold();
  auto answer = send(writer, chunk.packets[1]);
  loop.settle();
  const auto first = chunk.packets[1].offset;
  EXPECT_EQ(stat(1, key(1)).value().first, first);
  EXPECT_EQ(read(1, key(1)).value(), chunk.plain.substr(0, first));
  machine(2).pool.release();
  EXPECT_OK(rpc::fromWire(wait(kj::mv(answer)).getFault()));
  EXPECT_EQ(stat(1, key(1)).value().first, chunk.packets[2].offset);
}

// A close may overtake the last acknowledgement; a writer that was told of it may have told others.
TEST_F(UnfinishedRead, WhatWasAcknowledgedIsShownWhileTheReplicaIsSealed) {
  startNodes(2);
  const auto chunk = makeChunk(9000);
  ASSERT_VALUE(auto writer, openWriter({1, 2}, key(1), chunk));
  for (std::size_t i = 0; i + 1 < chunk.packets.size(); ++i) {
    ASSERT_OK(push(writer, chunk.packets[i]).result);
  }
  machine(2).pool.hold();
  auto pushed = send(writer, chunk.packets.back());
  loop.settle();
  machine(1).pool.hold();
  auto request = writer.finishRequest();
  request.setLength(chunk.plain.size());
  kj::Promise<capnp::Response<wire::ReplicaWriter::FinishResults>> finished = request.send();
  loop.settle();
  EXPECT_EQ(stat(1, key(1)).value(), std::pair(chunk.packets.back().offset, false));
  machine(2).pool.release();
  EXPECT_OK(rpc::fromWire(wait(kj::mv(pushed)).getFault()));
  EXPECT_EQ(stat(1, key(1)).value(), std::pair(chunk.plain.size(), false));
  machine(1).pool.release();
  EXPECT_OK(rpc::fromWire(wait(kj::mv(finished)).getFault()));
  EXPECT_EQ(stat(1, key(1)).value(), std::pair(chunk.plain.size(), true));
}

// A node whose replica somebody has taken over shows no more of it: then the writer is not told
// that readers see what it has pushed.
TEST_F(UnfinishedRead, WhatIsNotShownIsNotAcknowledged) {
  startNodes(2);
  const auto chunk = makeChunk(9000);
  ASSERT_VALUE(auto writer, openWriter({1, 2}, key(1), chunk));
  ASSERT_OK(push(writer, chunk.packets[0]).result);
  machine(2).pool.hold();
  auto pushed = send(writer, chunk.packets[1]);
  loop.settle();
  ASSERT_VALUE(const auto here, initRecovery(1, key(1), 2));
  EXPECT_GE(here.first, chunk.packets[1].offset);
  machine(2).pool.release();
  EXPECT_CODE(Code::CANCELLED, rpc::fromWire(wait(kj::mv(pushed)).getFault()));
  EXPECT_EQ(stat(1, key(1)).value().first, chunk.packets[1].offset);
}

// The bytes of a finished replica stay visible in every moment of an append's beginning.
TEST_F(UnfinishedRead, AnAppendThatBeginsHidesNothing) {
  startNodes(1);
  const auto chunk = makeChunk(9000);
  ASSERT_OK(write({1}, key(1), chunk).result);
  machine(1).pool.hold();
  auto request = clientOf(1).openWriterRequest();
  request.getChunk().setId(key(1).chunk.value);
  request.getChunk().setGeneration(2);
  request.setCodec(wire::Codec::ZSTD);
  request.setFrameSize(chunk.frameSize);
  request.setChunkSize(chunkSize);
  request.setNode(machine(1).server->node().value);
  request.getResume().setGeneration(1);
  request.getResume().setLength(chunk.plain.size());
  kj::Promise<capnp::Response<wire::Datanode::OpenWriterResults>> opening = request.send();
  loop.settle();
  EXPECT_EQ(stat(1, key(1)).value(), std::pair(chunk.plain.size(), false));
  machine(1).pool.release();
  EXPECT_OK(rpc::fromWire(wait(kj::mv(opening)).getFault()));
  EXPECT_EQ(stat(1, key(1, 2)).value(), std::pair(chunk.plain.size(), false));
}

TEST_F(UnfinishedRead, WhatWasShownStaysWhenTheWriterGoesAway) {
  startNodes(2);
  const auto chunk = makeChunk(9000);
  {
    ASSERT_VALUE(auto writer, openWriter({1, 2}, key(1), chunk));
    for (unsigned i = 0; i < 3; ++i) ASSERT_OK(push(writer, chunk.packets[i]).result);
  }
  pass(1);
  const auto length = chunk.packets[3].offset;
  for (unsigned i : {1U, 2U}) {
    EXPECT_EQ(stat(i, key(1)).value(), std::pair(length, false));
    EXPECT_EQ(read(i, key(1)).value(), chunk.plain.substr(0, length));
    EXPECT_EQ(checksum(i, key(1), 700).value().second, 700U);
  }
}

TEST_F(UnfinishedRead, ADamagedFrameIsNotServedAndTheReplicaIsPutAside) {
  startNodes(1);
  const auto chunk = makeChunk(9000);
  {
    ASSERT_VALUE(auto writer, openWriter({1}, key(1), chunk));
    for (unsigned i = 0; i < 3; ++i) ASSERT_OK(push(writer, chunk.packets[i]).result);
    ASSERT_OK(
        machine(1).disks[0]->flipBit(rbwPathOf(key(1)), 8 * (format::CHUNK_HEADER_BYTES + 40)));
    // While its writer has it, it is the writer's to find out.
    EXPECT_CODE(Code::CORRUPT, read(1, key(1)));
    EXPECT_OK(push(writer, chunk.packets[3]).result);
  }
  pass(1);
  EXPECT_CODE(Code::CORRUPT, read(1, key(1)));
  pass(1);
  EXPECT_TRUE(known(1).damaged.contains(key(1)));
  EXPECT_EQ(filesBelow(machine(1), "quarantine").size(), 1U);
}

// A reader that hangs up while the replica is looked through takes nobody with it.
TEST_F(UnfinishedRead, AReaderMayGoAwayWhileTheReplicaIsLookedThrough) {
  startNodes(1);
  const auto chunk = makeChunk(9000);
  {
    ASSERT_VALUE(auto writer, openWriter({1}, key(1), chunk));
    for (unsigned i = 0; i < 3; ++i) ASSERT_OK(push(writer, chunk.packets[i]).result);
  }
  pass(1);
  auto& pool = machine(1).pool;
  pool.hold();
  {
    auto request = clientOf(1).readRequest();
    request.getChunk().setId(key(1).chunk.value);
    request.getChunk().setGeneration(1);
    request.setLength(1000);
    request.setNode(1);
    auto dropped = request.send();
    loop.settle();
    EXPECT_GE(pool.heldJobs(), 1U);
  }
  loop.settle();
  pool.release();
  pass(1);
  EXPECT_EQ(read(1, key(1)).value(), chunk.plain.substr(0, chunk.packets[3].offset));
}

// Protects readers of a chunk that was recovered, of which the namenode has not heard: who allows
// it gets what has become of the replica, and nobody gets an older one.
TEST_F(UnfinishedRead, ANewerGenerationIsServedToWhoAllowsIt) {
  startNodes(1);
  const auto chunk = makeChunk(9000);
  {
    ASSERT_VALUE(auto writer, openWriter({1}, key(1), chunk));
    ASSERT_OK(push(writer, chunk.packets[0]).result);
  }
  pass(1);
  ASSERT_OK(recoverReplica(1, key(1), 7, 1000));
  EXPECT_CODE(Code::STALE, stat(1, key(1)));
  EXPECT_CODE(Code::STALE, read(1, key(1)));
  newerToo = true;
  EXPECT_EQ(stat(1, key(1)).value(), std::pair(std::uint64_t{1000}, true));
  EXPECT_EQ(read(1, key(1)).value(), chunk.plain.substr(0, 1000));
  EXPECT_EQ(read(1, key(1, 7)).value(), chunk.plain.substr(0, 1000));
  EXPECT_CODE(Code::STALE, read(1, key(1, 8)));
  EXPECT_CODE(Code::NOT_FOUND, stat(1, key(2)));
}

// A start waits for no unfinished replica: it listens and registers while a slow disk has not yet
// given out one of them. Who wants one before it was looked into gets it.
TEST_F(UnfinishedRead, AStartDoesNotWaitForUnfinishedReplicas) {
  startNodes(1);
  const auto chunk = makeChunk(9000);
  for (std::uint64_t n = 1; n <= 20; ++n) {
    ASSERT_VALUE(auto writer, openWriter({1}, key(n), chunk));
    ASSERT_OK(push(writer, chunk.packets[0]).result);
  }
  ASSERT_OK(write({1}, key(100), chunk).result);
  crash(machine(1), io::CrashLoss::NOTHING);
  const auto reads = machine(1).faulty[0]->count(io::DiskOp::READ);
  ASSERT_OK(boot(machine(1)));
  // The identity, and the first of them at most: not all.
  EXPECT_LT(machine(1).faulty[0]->count(io::DiskOp::READ), reads + 20);
  EXPECT_EQ(stat(1, key(20)).value().first, chunk.packets[0].plainLength);
  waitRegistered(machine(1));
  EXPECT_EQ(read(1, key(19)).value(), chunk.plain.substr(0, chunk.packets[0].plainLength));
  pass(1);
  EXPECT_EQ(known(1).replicas.size(), 21U);
}

TEST_F(UnfinishedRead, AChecksumIsThatOfTheBytesWhereverItStops) {
  startNodes(1);
  const auto chunk = makeChunk(5000);
  ASSERT_OK(write({1}, key(1), chunk).result);
  EXPECT_EQ(checksum(1, key(1), 9999).value(),
            std::pair(chunk.digest.md5().toString(), std::uint64_t{5000}));
  for (const std::size_t length : {0UL, 1UL, 511UL, 512UL, 513UL, 2048UL, 4999UL}) {
    const auto part = makeChunk(length);
    EXPECT_EQ(checksum(1, key(1), length).value(),
              std::pair(part.digest.md5().toString(), std::uint64_t{length}));
  }
  EXPECT_CODE(Code::NOT_FOUND, checksum(1, key(2), 1));
}

}  // namespace
}  // namespace cairn::dn
