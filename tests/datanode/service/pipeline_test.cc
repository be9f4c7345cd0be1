// Protects writers: every failure in a pipeline is answered, soon, with the node that failed; the
// bytes acknowledged are on every node; one node notices an encoder's fault.
#include <gtest/gtest.h>

#include <cerrno>

#include "common/format/chunk_mark.h"
#include "common/format/crc32c.h"
#include "tests/datanode/fakes/fixture.h"

namespace cairn::dn {
namespace {

using fakes::DatanodeTest;
using fakes::key;
using fakes::makeChunk;
using fakes::TestPacket;

class Pipeline : public DatanodeTest {};

TEST_F(Pipeline, ADeadNodeIsNamedWhenThePipelineIsOpened) {
  startNodes(3);
  machine(3).server->dropDead();
  std::uint32_t failedNode = 0;
  EXPECT_CODE(Code::UNAVAILABLE, openWriter({1, 2, 3}, key(1), makeChunk(100), &failedNode));
  EXPECT_EQ(failedNode, machine(3).server->node().value);
}

TEST_F(Pipeline, ANodeThatDiesIsNamedAndTheOthersKeepTheirBytes) {
  startNodes(3);
  const auto chunk = makeChunk(10'000);
  ASSERT_VALUE(auto writer, openWriter({1, 2, 3}, key(1), chunk));
  ASSERT_OK(push(writer, chunk.packets[0]).result);
  machine(3).server->dropDead();
  const auto answer = push(writer, chunk.packets[1]);
  EXPECT_CODE(Code::UNAVAILABLE, answer.result);
  EXPECT_EQ(answer.failedNode, machine(3).server->node().value);
  // And it stays so.
  EXPECT_CODE(Code::UNAVAILABLE, push(writer, chunk.packets[2]).result);
  EXPECT_EQ(finish(writer, chunk).failedNode, machine(3).server->node().value);
  writer = nullptr;
  pass(master.heartbeatMs + 1);
  for (unsigned i : {1U, 2U}) {
    EXPECT_EQ(known(i).replicas.at(key(1)).state, wire::ReplicaState::RBW);
    EXPECT_GE(known(i).replicas.at(key(1)).length, chunk.packets[0].plainLength);
  }
}

// Clients give up after 60 s, and then blame the first node: so the node next to the one that hangs
// must have noticed before, and the others must not have lost patience with it.
TEST_F(Pipeline, ANodeThatHangsIsNamedBeforeTheClientGivesUp) {
  for (unsigned hanging : {4U, 3U, 2U}) {
    machines.clear();
    loop.settle();
    master = {};
    startNodes(4);
    const auto chunk = makeChunk(3000);
    ASSERT_VALUE(auto writer, openWriter({1, 2, 3, 4}, key(1), chunk));
    machine(hanging).pool.freeze();
    const auto before = loop.clock.monotonicMs();
    const auto answer = push(writer, chunk.packets[0]);
    EXPECT_CODE(Code::TIMED_OUT, answer.result);
    EXPECT_EQ(answer.failedNode, hanging);
    EXPECT_LT(loop.clock.monotonicMs() - before, 60'000);
  }
}

TEST_F(Pipeline, ANodeThatHangsIsNamedWhenThePipelineIsOpened) {
  startNodes(3);
  machine(3).pool.freeze();
  std::uint32_t failedNode = 0;
  const auto before = loop.clock.monotonicMs();
  EXPECT_CODE(Code::TIMED_OUT, openWriter({1, 2, 3}, key(1), makeChunk(100), &failedNode));
  EXPECT_EQ(failedNode, 3U);
  EXPECT_LT(loop.clock.monotonicMs() - before, 15'000);
}

TEST_F(Pipeline, AFullDiskInTheMiddleIsNamed) {
  startNodes(3);
  const auto chunk = makeChunk(10'000);
  ASSERT_VALUE(auto writer, openWriter({1, 2, 3}, key(1), chunk));
  ASSERT_OK(push(writer, chunk.packets[0]).result);
  machine(2).faulty[0]->setFull(true);
  const auto answer = push(writer, chunk.packets[1]);
  EXPECT_CODE(Code::DISK_FULL, answer.result);
  EXPECT_EQ(answer.failedNode, machine(2).server->node().value);
}

TEST_F(Pipeline, AFailedSyncAtTheEndIsNamedAndNothingIsAcknowledged) {
  startNodes(3);
  const auto chunk = makeChunk(3000);
  ASSERT_VALUE(auto writer, openWriter({1, 2, 3}, key(1), chunk));
  for (const auto& packet : chunk.packets) ASSERT_OK(push(writer, packet).result);
  machine(3).faulty[0]->inject({.op = io::DiskOp::SYNC, .errnum = EIO});
  const auto answer = finish(writer, chunk);
  EXPECT_CODE(Code::IO_ERROR, answer.result);
  EXPECT_EQ(answer.failedNode, machine(3).server->node().value);
  EXPECT_TRUE(answer.sealed.empty());
}

// Frames whose stored checksums are right, but that unpack to something else: only the last node
// unpacks them, and it must say so.
TEST_F(Pipeline, AnEncodersFaultIsNoticedByTheLastNode) {
  startNodes(3);
  const auto chunk = makeChunk(3000);
  ASSERT_VALUE(auto writer, openWriter({1, 2, 3}, key(1), chunk));
  auto packet = chunk.packets[0];
  auto header = format::decodeFrameHeader(packet.frames).value();
  header.plainCrc ^= 1;
  format::encodeFrameHeader(header, packet.frames);
  const auto frame = ByteView(packet.frames).first(header.frameBytes());
  header.storedCrc = format::crc32c(frame.subspan(format::FRAME_HEADER_BYTES),
                                    format::crc32c(frame.first(format::FRAME_HEADER_BYTES - 4))) ^
                     format::chunkMark(packet.chunk);
  format::encodeFrameHeader(header, packet.frames);
  const auto answer = push(writer, packet);
  EXPECT_CODE(Code::CORRUPT, answer.result);
  EXPECT_EQ(answer.failedNode, machine(3).server->node().value);
}

TEST_F(Pipeline, BytesDamagedOnTheWayAreNoticedByTheFirstNode) {
  startNodes(2);
  const auto chunk = makeChunk(3000);
  ASSERT_VALUE(auto writer, openWriter({1, 2}, key(1), chunk));
  auto packet = chunk.packets[0];
  packet.frames[100] ^= std::byte{4};
  EXPECT_CODE(Code::CORRUPT, push(writer, packet).result);
}

TEST_F(Pipeline, SumsThatAreNotTheFramesAreRefusedAtTheEnd) {
  startNodes(2);
  const auto chunk = makeChunk(3000);
  auto other = makeChunk(3000, 2);
  std::uint64_t number = 0;
  for (bool crc : {true, false}) {
    ASSERT_VALUE(auto writer, openWriter({1, 2}, key(++number), chunk));
    for (const auto& packet : chunk.packets) ASSERT_OK(push(writer, packet).result);
    auto request = writer.finishRequest();
    request.setLength(chunk.plain.size());
    request.setPlainCrc(crc ? other.digest.plainCrc() : chunk.digest.plainCrc());
    request.setMd5(rpc::toData(ByteVector(crc ? chunk.digest.md5() : other.digest.md5())));
    auto reply =
        wait(kj::Promise<capnp::Response<wire::ReplicaWriter::FinishResults>>(request.send()));
    EXPECT_CODE(Code::CORRUPT, rpc::fromWire(reply.getFault()));
  }
}

// Many packets at once, on a budget that holds two of them: all are written, in order, and the
// budget is never passed (its own test); nothing stands still.
TEST_F(Pipeline, ASmallBudgetSlowsDownButCompletes) {
  options.bufferBudgetBytes = 2500;
  startNodes(3);
  const auto chunk = makeChunk(60'000);
  ASSERT_VALUE(auto there, openWriter({1, 2, 3}, key(1), chunk));
  ASSERT_VALUE(auto back, openWriter({3, 2, 1}, key(2), chunk));
  std::vector<kj::Promise<capnp::Response<wire::ReplicaWriter::PushResults>>> answers;
  for (const auto& packet : chunk.packets) {
    answers.push_back(send(there, packet));
    answers.push_back(send(back, packet));
  }
  for (auto& answer : answers) EXPECT_OK(rpc::fromWire(wait(kj::mv(answer)).getFault()));
  EXPECT_OK(finish(there, chunk).result);
  EXPECT_OK(finish(back, chunk).result);
  EXPECT_EQ(read(2, key(1)).value(), chunk.plain);
  EXPECT_EQ(read(1, key(2)).value(), chunk.plain);
}

// Three pipelines in a ring, each sending far more than a connection's calls may hold elsewhere: no
// node may stop reading one pipeline's packets because of another's.
TEST_F(Pipeline, PipelinesInARingDoNotWaitForEachOther) {
  options.acceptor.connection.callBytesInFlightMax = 4096;
  startNodes(3);
  const auto chunk = makeChunk(100'000);
  std::vector<fakes::TestWriter> writers;
  const std::vector<std::vector<unsigned>> rings{{1, 2, 3}, {2, 3, 1}, {3, 1, 2}};
  for (unsigned i = 0; i < 9; ++i) {
    ASSERT_VALUE(auto writer, openWriter(rings[i % 3], key(i + 1), chunk));
    writers.push_back(kj::mv(writer));
  }
  std::vector<kj::Promise<capnp::Response<wire::ReplicaWriter::PushResults>>> answers;
  for (const auto& packet : chunk.packets) {
    for (auto& writer : writers) answers.push_back(send(writer, packet));
  }
  for (auto& answer : answers) EXPECT_OK(rpc::fromWire(wait(kj::mv(answer)).getFault()));
  for (auto& writer : writers) EXPECT_OK(finish(writer, chunk).result);
}

TEST_F(Pipeline, AWriterThatGoesAwayLeavesAnUnfinishedReplicaThatIsReported) {
  startNodes(2);
  const auto chunk = makeChunk(3000);
  {
    ASSERT_VALUE(auto writer, openWriter({1, 2}, key(1), chunk));
    ASSERT_OK(push(writer, chunk.packets[0]).result);
  }
  pass(master.heartbeatMs);
  for (unsigned i : {1U, 2U}) {
    EXPECT_EQ(known(i).replicas.at(key(1)).state, wire::ReplicaState::RBW);
    EXPECT_EQ(known(i).replicas.at(key(1)).length, chunk.packets[0].plainLength);
  }
  // Its promise of room is given back: the next reports show the whole disk, but for a few files.
  EXPECT_EQ(machine(1).server->store().volumes()[0].replicas, 1U);
}

// What lies in the final directory must be in the table: otherwise nobody could remove it before
// the next start finds it.
TEST_F(Pipeline, ASealGoesOnWhenItsWriterGoesAway) {
  startNodes(1);
  const auto chunk = makeChunk(3000);
  auto& pool = machine(1).pool;
  {
    ASSERT_VALUE(auto writer, openWriter({1}, key(1), chunk));
    for (const auto& packet : chunk.packets) ASSERT_OK(push(writer, packet).result);
    pool.hold();
    auto request = writer.finishRequest();
    request.setLength(chunk.plain.size());
    request.setPlainCrc(chunk.digest.plainCrc());
    request.setMd5(rpc::toData(ByteVector(chunk.digest.md5())));
    auto answer = request.send();
    loop.settle();
    ASSERT_GE(pool.heldJobs(), 1U);  // a heartbeat may ask how full the disk is, too
  }
  loop.settle();
  pool.release();
  pass(master.heartbeatMs + 1);
  EXPECT_TRUE(filesBelow(machine(1), "rbw").empty());
  EXPECT_EQ(known(1).replicas.at(key(1)).state, wire::ReplicaState::FINAL);
  EXPECT_EQ(read(1, key(1)).value(), chunk.plain);
}

// A packet is written from where its message lies. That must stay for the job that writes it,
// though the call that brought it is over, as another node has failed.
TEST_F(Pipeline, AJobKeepsThePacketThatItWritesWhenTheCallIsOver) {
  startNodes(2);
  const auto chunk = makeChunk(400'000, 1, 8192, 16);
  ASSERT_GT(chunk.packets[0].frames.size(), rpc::ReceivedMessages::BYTES_MIN);
  ASSERT_VALUE(auto writer, openWriter({1, 2}, key(1), chunk));
  const auto others = makeChunk(400'000, 2, 8192, 16);
  ASSERT_VALUE(auto other, openWriter({1}, key(2), others));
  auto& pool = machine(1).pool;
  pool.hold();
  machine(2).pool.freeze();
  auto answer = send(writer, chunk.packets[0]);
  loop.settle();
  ASSERT_GE(pool.heldJobs(), 1U);
  const auto second = machine(2).server->node().value;
  machine(2).server->dropDead();
  EXPECT_EQ(wait(kj::mv(answer)).getFailedNode(), second);
  writer = nullptr;
  loop.settle();
  // It would take the place of a message that is gone.
  auto next = send(other, others.packets[0]);
  loop.settle();
  pool.release();
  EXPECT_OK(rpc::fromWire(wait(kj::mv(next)).getFault()));
  pass(master.heartbeatMs + 1);
  EXPECT_EQ(known(1).replicas.at(key(1)).state, wire::ReplicaState::RBW);
  EXPECT_EQ(known(1).replicas.at(key(1)).length, chunk.packets[0].plainLength);
}

// Most files are small: what their writers might write must not shut out the next one.
TEST_F(Pipeline, ManyWritersOfSmallFilesShareASmallDisk) {
  startNodes(1);
  machine(1).disks[0]->setCapacity(1 << 30);
  chunkSize = 128 << 20;
  pass(master.heartbeatMs + 1);
  const auto chunk = makeChunk(1000);
  std::vector<fakes::TestWriter> writers;
  for (unsigned i = 1; i <= 30; ++i) {
    auto writer = openWriter({1}, key(i), chunk);
    ASSERT_OK(writer) << "with " << i - 1 << " others";
    writers.push_back(kj::mv(*writer));
  }
  for (auto& writer : writers) {
    for (const auto& packet : chunk.packets) ASSERT_OK(push(writer, packet).result);
    ASSERT_OK(finish(writer, chunk).result);
  }
}

}  // namespace
}  // namespace cairn::dn
