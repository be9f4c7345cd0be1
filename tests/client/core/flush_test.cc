// Protects hflush, hsync and append: what they promise is true when they answer, at every length
// around a frame's, packet's and chunk's border, and the file that comes of it is whole.
#include <gtest/gtest.h>

#include "client/core/packet_feed.h"
#include "client/core/tail_frame.h"
#include "common/format/frame_index.h"
#include "tests/client/fakes/fixture.h"
#include "tests/client/fakes/replica_check.h"

namespace cairn::client {
namespace {

using fakes::ClientTest;

class Flush : public ClientTest {
protected:
  void expectStored(const std::string& path, const std::string& contents) {
    std::uint64_t at = 0;
    for (const auto& chunk : file(path).chunks) {
      ASSERT_TRUE(chunk.committed);
      for (auto node : chunk.nodes) {
        fakes::expectReplica(cluster->node(node).replicas.at(chunk.id),
                             std::string_view(contents).substr(at, chunk.length));
      }
      at += chunk.length;
    }
    EXPECT_EQ(at, contents.size());
    EXPECT_FALSE(file(path).open);
  }
  Result<Entry> append(const std::string& path, std::string_view contents,
                       AppendOptions appendOptions = {}) {
    ASSIGN(auto writer, wait(files->append(path, appendOptions)));
    TRY(wait(writer->write(asBytes(contents))));
    return wait(writer->close());
  }
};

TEST_F(Flush, EveryNodeHasTheBytesWhenItAnswers) {
  start(3, 3);
  auto writer = wait(files->create("/f")).value();
  const auto contents = text(10'000);
  std::size_t at = 0;
  for (std::size_t size : {1, 510, 1, 1, 3583, 1, 4095, 1, 700, 0, 1107}) {
    ASSERT_TRUE(wait(writer->write(asBytes(contents.substr(at, size)))).has_value());
    at += size;
    ASSERT_TRUE(wait(writer->flush(FlushTo::MEMORY)).has_value());
    EXPECT_EQ(writer->position(), at);
    EXPECT_EQ(writer->acknowledged(), at);
    for (unsigned node = 1; node <= 3; ++node) {
      std::uint64_t has = 0;
      for (const auto& [id, replica] : cluster->node(node).replicas) has += replica.length;
      EXPECT_EQ(has, at);
    }
  }
  ASSERT_TRUE(wait(writer->close()).has_value());
  expectStored("/f", contents);
}

// Not before: an acknowledgement that is held back holds the flush back.
TEST_F(Flush, WaitsForTheAcknowledgement) {
  start(1);
  auto writer = wait(files->create("/f")).value();
  cluster->holdAcknowledgements = true;
  ASSERT_TRUE(wait(writer->write(asBytes("bytes"))).has_value());
  auto flushing = writer->flush(FlushTo::MEMORY);
  loop.settle();
  EXPECT_FALSE(flushing.poll(loop.waitScope));
  cluster->holdAcknowledgements = false;
  cluster->release();
  ASSERT_TRUE(wait(kj::mv(flushing)).has_value());
}

TEST_F(Flush, HsyncSyncsEachNodeAndTellsTheNamenode) {
  start(2, 2);
  auto writer = wait(files->create("/f")).value();
  ASSERT_TRUE(wait(writer->flush(FlushTo::DISK)).has_value());  // nothing yet
  EXPECT_TRUE(namenode.synced.empty());
  ASSERT_TRUE(wait(writer->write(asBytes(text(1000)))).has_value());
  ASSERT_TRUE(wait(writer->flush(FlushTo::DISK)).has_value());
  EXPECT_EQ(cluster->node(1).syncs, 1u);
  EXPECT_EQ(cluster->node(2).syncs, 1u);
  EXPECT_EQ(namenode.synced, std::vector<std::uint64_t>{1000});
  // Exactly a chunk: sealing it makes it durable.
  ASSERT_TRUE(wait(writer->write(asBytes(text(3096)))).has_value());
  ASSERT_TRUE(wait(writer->flush(FlushTo::DISK)).has_value());
  for (unsigned node : {1u, 2u}) {
    const auto& replica = cluster->node(node).replicas.begin()->second;
    EXPECT_TRUE(replica.sealed || cluster->node(node).syncs == 2);
  }
  ASSERT_TRUE(wait(writer->close()).has_value());
}

TEST_F(Flush, ASyncThatFailsAtANodeIsDoneByTheOthers) {
  start(3, 3);
  auto writer = wait(files->create("/f")).value();
  ASSERT_TRUE(wait(writer->write(asBytes("some bytes"))).has_value());
  cluster->node(2).failAtSync = Status(Code::IO_ERROR, "fsync failed");
  ASSERT_TRUE(wait(writer->flush(FlushTo::DISK)).has_value());
  EXPECT_EQ(file("/f").chunks[0].nodes, (std::vector<std::uint32_t>{1, 3}));
  EXPECT_EQ(namenode.synced, std::vector<std::uint64_t>{10});
  ASSERT_TRUE(wait(writer->close()).has_value());
  expectStored("/f", "some bytes");
}

TEST_F(Flush, AfterTheEndItIsAnError) {
  start(1);
  auto writer = wait(files->create("/f")).value();
  ASSERT_TRUE(wait(writer->close()).has_value());
  EXPECT_EQ(wait(writer->flush(FlushTo::MEMORY)).error().code(), Code::INVALID_ARGUMENT);
}

// Every length of what is there, and of what is added, around the borders of frames and chunks.
TEST_F(Flush, AppendAtEveryBorder) {
  start(3, 2);
  unsigned number = 0;
  for (std::size_t first : {0, 1, 511, 512, 513, 4095, 4096, 4097, 8191}) {
    for (std::size_t second : {1, 511, 513, 4096, 4600}) {
      SCOPED_TRACE(std::to_string(first) + " and " + std::to_string(second));
      const auto path = "/f" + std::to_string(number++);
      const auto contents = text(first + second + 10, number);
      ASSERT_TRUE(write(path, contents.substr(0, first)).has_value());
      auto entry = append(path, contents.substr(first, second));
      ASSERT_TRUE(entry.has_value()) << entry.error().toString();
      EXPECT_EQ(entry->length, first + second);
      ASSERT_TRUE(append(path, contents.substr(first + second)).has_value());
      expectStored(path, contents);
      EXPECT_EQ(file(path).chunks.size(), (contents.size() + 4095) / 4096);
      EXPECT_EQ(read(path).value(), contents);
    }
  }
}

TEST_F(Flush, AppendToAChunkOfItsOwn) {
  start(1);
  ASSERT_TRUE(write("/f", "beginning").has_value());
  ASSERT_TRUE(append("/f", " and end", {.newChunk = true}).has_value());
  EXPECT_EQ(file("/f").chunks.size(), 2u);
  expectStored("/f", "beginning and end");
}

TEST_F(Flush, AnAppendOfNothingChangesNothing) {
  start(1);
  ASSERT_TRUE(write("/f", "bytes").has_value());
  const auto generation = file("/f").chunks[0].generation;
  auto writer = wait(files->append("/f")).value();
  EXPECT_EQ(writer->position(), 5u);
  ASSERT_TRUE(wait(writer->flush(FlushTo::DISK)).has_value());
  ASSERT_TRUE(wait(writer->close()).has_value());
  EXPECT_EQ(file("/f").chunks[0].generation, generation);
  expectStored("/f", "bytes");
}

// A node that lost its replica meanwhile is left out; whichever packet one dies at, nothing is
// lost of what was there.
TEST_F(Flush, AppendWithNodesThatFail) {
  const auto contents = text(3500);
  for (unsigned at = 0; at < 4; ++at) {
    for (std::uint32_t failing : {1u, 2u, 3u}) {
      SCOPED_TRACE("node " + std::to_string(failing) + " at " + std::to_string(at));
      files = nullptr;
      door = nullptr;
      namenode = {};
      start(3, 3);
      ASSERT_TRUE(write("/f", contents.substr(0, 1000)).has_value());
      auto& node = cluster->node(failing);
      if (at == 0) {
        node.replicas.clear();
      } else {
        node.dieAtPush = node.pushes + at - 1;
      }
      auto writer = wait(files->append("/f")).value();
      for (std::size_t i = 1000; i < contents.size(); i += 500) {
        ASSERT_TRUE(wait(writer->write(asBytes(contents.substr(i, 500)))).has_value());
        ASSERT_TRUE(wait(writer->flush(FlushTo::MEMORY)).has_value());
      }
      ASSERT_TRUE(wait(writer->close()).has_value());
      EXPECT_EQ(file("/f").chunks[0].nodes.size(), 2u);
      expectStored("/f", contents);
    }
  }
}

TEST_F(Flush, AppendNeedsAReplicaToGoOnFrom) {
  start(2, 2);
  ASSERT_TRUE(write("/f", "bytes").has_value());
  cluster->node(1).die();
  cluster->node(2).replicas.clear();
  loop.settle();
  auto writer = wait(files->append("/f"));
  ASSERT_FALSE(writer.has_value());
  EXPECT_EQ(writer.error().code(), Code::UNAVAILABLE);
  for (const char* part : {"datanode 1", "datanode 2"}) {
    EXPECT_NE(writer.error().message().find(part), std::string::npos) << writer.error().message();
  }
}

TEST_F(Flush, AppendContinuesTheFramesNumbers) {
  const Encoding encoding{.frameSize = 100};
  auto buffers = BufferPool::make(1_MiB, 4);
  constexpr ChunkId CHUNK{16};
  auto packet = encodePacket(*buffers, encoding, {.firstFrame = 7}, asBytes(text(250)));
  bindTo(CHUNK, packet);
  const auto frames = packet.buffer->bytes().first(packet.bytes);
  EXPECT_EQ(framesUpTo(frames, CHUNK, 1000, 1250).value(), 10u);
  EXPECT_EQ(framesUpTo(frames, CHUNK, 1000, 1249).error().code(), Code::CORRUPT);
  EXPECT_EQ(framesUpTo(frames.first(frames.size() - 1), CHUNK, 1000, 1250).error().code(),
            Code::CORRUPT);
  EXPECT_EQ(framesUpTo({}, CHUNK, 1000, 1000).error().code(), Code::CORRUPT);
  EXPECT_EQ(framesUpTo(frames, ChunkId(32), 1000, 1250).error().code(), Code::CORRUPT);
  frames[30] ^= std::byte{1};
  EXPECT_EQ(framesUpTo(frames, CHUNK, 1000, 1250).error().code(), Code::CORRUPT);
}

// Many tiny flushes: the chunk ends before it has more frames than a footer can name.
TEST_F(Flush, AChunkEndsBeforeItHasTooManyFrames) {
  constexpr auto MAX = format::FRAMES_PER_CHUNK_MAX;
  const auto perPacket = framesOf(limits::PACKET_PLAIN_BYTES, 128_KiB);
  PacketFeed feed(loop.workPool, BufferPool::make(1_MiB, 4), 1_MiB,
                  {.chunkSize = 128_MiB, .chunkOffset = 5, .firstFrame = MAX - perPacket - 2});
  feed.setEncoding({.codec = Codec::NONE, .frameSize = 128_KiB});
  for (const bool ends : {false, false, true, false}) {
    ASSERT_FALSE(wait(feed.room()).empty());
    feed.fill(1);
    feed.flush();
    auto packet = feed.take();
    EXPECT_EQ(packet.endsChunk, ends);
    feed.release(wait(kj::mv(packet.encoded)).plainLength);
  }
}

}  // namespace
}  // namespace cairn::client
