// Protects the daemon from its callers: garbage, nonsense and too much of anything are answered
// with an error that says what was wrong, and cost nobody else anything.
#include <gtest/gtest.h>

#include <functional>

#include "common/base/limits.h"
#include "datanode/pipeline/open_pipeline.h"
#include "tests/datanode/fakes/fixture.h"

namespace cairn::dn {
namespace {

using fakes::DatanodeTest;
using fakes::key;
using fakes::makeChunk;
using fakes::TestPacket;
using OpenRequest = wire::Datanode::OpenWriterParams::Builder;

class BadCalls : public DatanodeTest {
protected:
  // What opening a writer answers when `spoil` changes a good request.
  Result<void> openSpoiled(std::function<void(OpenRequest)> spoil) {
    auto request = clientOf(1).openWriterRequest();
    request.getChunk().setId(16 * 99);
    request.getChunk().setGeneration(1);
    request.setCodec(wire::Codec::ZSTD);
    request.setFrameSize(512);
    request.setChunkSize(1 << 20);
    request.setNode(machine(1).server->node().value);
    spoil(request);
    // The one that was meant: it is the one that the writer must leave out.
    const auto meant = request.getNode();
    auto reply =
        wait(kj::Promise<capnp::Response<wire::Datanode::OpenWriterResults>>(request.send()));
    EXPECT_EQ(reply.getFailedNode(), meant);
    return rpc::fromWire(reply.getFault());
  }
};

TEST_F(BadCalls, AWriterThatCannotBe) {
  startNodes(1);
  const struct {
    Code code;
    std::function<void(OpenRequest)> spoil;
  } cases[] = {
      {Code::INVALID_ARGUMENT, [](OpenRequest r) { r.getChunk().setId(0); }},
      {Code::INVALID_ARGUMENT, [](OpenRequest r) { r.getChunk().setId(1ULL << 63 | 16); }},
      {Code::INVALID_ARGUMENT, [](OpenRequest r) { r.getChunk().setGeneration(0); }},
      {Code::INVALID_ARGUMENT, [](OpenRequest r) { r.setFrameSize(0); }},
      {Code::INVALID_ARGUMENT, [](OpenRequest r) { r.setFrameSize(limits::FRAME_SIZE_MAX + 1); }},
      {Code::INVALID_ARGUMENT, [](OpenRequest r) { r.setChunkSize(0); }},
      {Code::INVALID_ARGUMENT, [](OpenRequest r) { r.setChunkSize(limits::CHUNK_SIZE_MAX + 1); }},
      {Code::UNSUPPORTED, [](OpenRequest r) { r.setCodec(static_cast<wire::Codec>(7)); }},
      {Code::LIMIT_EXCEEDED, [](OpenRequest r) { r.initDownstream(DOWNSTREAM_NODES_MAX + 1); }},
      {Code::STALE, [](OpenRequest r) { r.setNode(2); }},
      // 8 GiB are allowed, but not there.
      {Code::DISK_FULL,
       [this](OpenRequest r) {
         machine(1).disks[0]->setCapacity(1 << 20);
         pass(master.heartbeatMs + 1);
         r.setChunkSize(limits::CHUNK_SIZE_MAX);
       }},
  };
  for (const auto& one : cases) EXPECT_CODE(one.code, openSpoiled(one.spoil));
  machine(1).disks[0]->setCapacity(io::MemoryDisk::UNLIMITED);
  pass(master.heartbeatMs + 1);
  EXPECT_OK(write({1}, key(1), makeChunk(100)).result);
}

TEST_F(BadCalls, PacketsThatCannotBe) {
  startNodes(1);
  const auto chunk = makeChunk(9000);
  const struct {
    Code code;
    std::function<void(TestPacket&)> spoil;
  } cases[] = {
      {Code::CORRUPT, [](TestPacket& p) { p.frames.assign(700, std::byte{0x5a}); }},
      {Code::CORRUPT, [](TestPacket& p) { p.frames.clear(); }},
      {Code::CORRUPT, [](TestPacket& p) { p.frames.pop_back(); }},
      {Code::CORRUPT, [](TestPacket& p) { p.plainLength -= 1; }},
      {Code::CORRUPT, [](TestPacket& p) { p.frames.insert(p.frames.end(), 3, std::byte{0}); }},
      {Code::INVALID_ARGUMENT, [](TestPacket& p) { p.offset += 1; }},
      {Code::INVALID_ARGUMENT, [](TestPacket& p) { p.plainLength = 0; }},
      {Code::INVALID_ARGUMENT, [](TestPacket& p) { p.plainLength = 64 << 20; }},
      // The second packet's frames again: right checksums, wrong place.
      {Code::CORRUPT, [&](TestPacket& p) { p.frames = chunk.packets[0].frames; }},
  };
  std::uint64_t number = 0;
  for (const auto& one : cases) {
    ASSERT_VALUE(auto writer, openWriter({1}, key(++number), chunk));
    ASSERT_OK(push(writer, chunk.packets[0]).result);
    auto packet = chunk.packets[1];
    one.spoil(packet);
    EXPECT_CODE(one.code, push(writer, packet).result) << "case " << number;
    // The replica cannot be finished any more, and says so.
    EXPECT_CODE(one.code, finish(writer, chunk).result);
  }
}

TEST_F(BadCalls, MoreThanTheChunkMayHold) {
  startNodes(1);
  const auto chunk = makeChunk(9000);
  auto request = clientOf(1).openWriterRequest();
  request.getChunk().setId(16);
  request.getChunk().setGeneration(1);
  request.setCodec(wire::Codec::ZSTD);
  request.setFrameSize(512);
  request.setChunkSize(3000);
  request.setNode(1);
  fakes::TestWriter writer(
      wait(kj::Promise<capnp::Response<wire::Datanode::OpenWriterResults>>(request.send()))
          .getWriter(),
      ChunkId(16));
  EXPECT_OK(push(writer, chunk.packets[0]).result);
  EXPECT_CODE(Code::LIMIT_EXCEEDED, push(writer, chunk.packets[1]).result);
}

TEST_F(BadCalls, FinishTwicePushAfterFinishAndAWrongMd5) {
  startNodes(1);
  const auto chunk = makeChunk(3000);
  ASSERT_VALUE(auto writer, openWriter({1}, key(1), chunk));
  for (const auto& packet : chunk.packets) ASSERT_OK(push(writer, packet).result);
  auto request = writer.finishRequest();
  request.setLength(chunk.plain.size());
  request.setMd5(rpc::toData(asBytes("short")));
  EXPECT_CODE(Code::INVALID_ARGUMENT,
              rpc::fromWire(wait(kj::Promise<capnp::Response<wire::ReplicaWriter::FinishResults>>(
                                     request.send()))
                                .getFault()));
  ASSERT_OK(finish(writer, chunk).result);
  EXPECT_CODE(Code::INVALID_ARGUMENT, finish(writer, chunk).result);
  EXPECT_CODE(Code::INVALID_ARGUMENT, push(writer, chunk.packets[0]).result);
  EXPECT_EQ(read(1, key(1)).value(), chunk.plain);
}

TEST_F(BadCalls, AnEmptyReplicaCanBeSealed) {
  startNodes(1);
  const auto chunk = makeChunk(0);
  ASSERT_OK(write({1}, key(1), chunk).result);
  EXPECT_EQ(read(1, key(1)).value(), "");
}

TEST_F(BadCalls, GenerationsAreKeptApart) {
  startNodes(1);
  const auto chunk = makeChunk(100);
  ASSERT_OK(write({1}, key(1, 5), chunk).result);
  EXPECT_CODE(Code::ALREADY_EXISTS, openWriter({1}, key(1, 5), chunk));
  EXPECT_CODE(Code::STALE, openWriter({1}, key(1, 4), chunk));
  EXPECT_CODE(Code::STALE, read(1, key(1, 4)));
  EXPECT_CODE(Code::STALE, read(1, key(1, 6)));
  EXPECT_CODE(Code::NOT_FOUND, read(1, key(2)));
}

TEST_F(BadCalls, StatTellsWhatIsThere) {
  startNodes(1);
  const auto chunk = makeChunk(3000);
  const auto stat = [&]() {
    auto request = clientOf(1).statRequest();
    request.getChunk().setId(16);
    request.getChunk().setGeneration(1);
    return wait(kj::Promise<capnp::Response<wire::Datanode::StatResults>>(request.send()));
  };
  EXPECT_CODE(Code::NOT_FOUND, rpc::fromWire(stat().getFault()));
  ASSERT_VALUE(auto writer, openWriter({1}, key(1), chunk));
  ASSERT_OK(push(writer, chunk.packets[0]).result);
  EXPECT_EQ(stat().getLength(), chunk.packets[0].plainLength);
  EXPECT_FALSE(stat().getFinal());
  ASSERT_OK(push(writer, chunk.packets[1]).result);
  ASSERT_OK(finish(writer, chunk).result);
  EXPECT_EQ(stat().getLength(), 3000U);
  EXPECT_TRUE(stat().getFinal());
}

TEST_F(BadCalls, TheNumberOfWritersIsBounded) {
  startNodes(1);
  const auto chunk = makeChunk(100);
  std::vector<fakes::TestWriter> writers;
  for (std::uint64_t i = 1; i <= 1024; ++i) {
    ASSERT_VALUE(auto writer, openWriter({1}, key(i), chunk));
    writers.push_back(kj::mv(writer));
  }
  EXPECT_CODE(Code::OVERLOADED, openWriter({1}, key(5000), chunk));
  writers.pop_back();
  pass(1);
  EXPECT_OK(openWriter({1}, key(5000), chunk));
}

// What 500 writers may send without an answer fits into memory, whatever they do; when they are
// gone, the next has the whole window again.
TEST_F(BadCalls, ManyWritersShareTheMemoryOfTheirPackets) {
  startNodes(2);
  const auto chunk = makeChunk(100);
  std::vector<fakes::TestWriter> writers;
  std::uint64_t granted = 0;
  for (std::uint64_t i = 1; i <= 500; ++i) {
    // Half of them meet the second node only behind the first: the narrower one counts.
    ASSERT_VALUE(auto writer,
                 openWriter(i % 2 == 0 ? std::vector{1U, 2U} : std::vector{2U}, key(i), chunk));
    if (i == 1) EXPECT_EQ(windowBytes, limits::WRITE_WINDOW_BYTES);
    if (i == 500) EXPECT_EQ(windowBytes, limits::PACKET_PLAIN_BYTES);
    granted += windowBytes;
    writers.push_back(kj::mv(writer));
  }
  EXPECT_LE(granted, 2 * options.bufferBudgetBytes + 500 * limits::PACKET_PLAIN_BYTES);
  EXPECT_GT(granted, options.bufferBudgetBytes);
  writers.clear();
  pass(1);
  ASSERT_OK(openWriter({1, 2}, key(1000), chunk));
  EXPECT_EQ(windowBytes, limits::WRITE_WINDOW_BYTES);
}

// More on its way than any honest client has: the writer is stopped, the datanode stays as it is.
TEST_F(BadCalls, AFloodOfPacketsIsStopped) {
  startNodes(1);
  const auto chunk = makeChunk(3000);
  ASSERT_VALUE(auto writer, openWriter({1}, key(1), chunk));
  TestPacket packet{.offset = 0, .plainLength = 1000, .frames = ByteVector(8 << 20, std::byte{1})};
  std::vector<kj::Promise<capnp::Response<wire::ReplicaWriter::PushResults>>> answers;
  for (int i = 0; i < 6; ++i) {
    packet.offset = static_cast<std::uint64_t>(i) * 1000;
    answers.push_back(send(writer, packet));
  }
  for (auto& answer : answers) EXPECT_FALSE(rpc::fromWire(wait(kj::mv(answer)).getFault()));
  EXPECT_OK(write({1}, key(2), chunk).result);
}

}  // namespace
}  // namespace cairn::dn
