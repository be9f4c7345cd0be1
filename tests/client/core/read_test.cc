// Protects the read path: what is read is what was written, at any offset and in any manner,
// whichever replica dies, lags, lies or is damaged; damage never reaches the caller, and is
// reported.
#include <gtest/gtest.h>

#include "client/core/open_file.h"
#include "client/core/range_reader.h"
#include "client/core/sequential_reader.h"
#include "tests/client/fakes/fixture.h"

namespace cairn::client {
namespace {

using fakes::ClientTest;

class Read : public ClientTest {
protected:
  kj::Own<FileReader> open(const std::string& path, OpenOptions openOptions = {}) {
    return wait(files->open(path, openOptions)).value();
  }
  Result<std::string> pread(FileReader& reader, std::uint64_t offset, std::size_t size) {
    std::string to(size, '\1');
    ASSIGN(auto got,
           wait(reader.pread(offset, {reinterpret_cast<std::byte*>(to.data()), to.size()})));
    to.resize(got);
    return to;
  }
  void flip(std::uint32_t node, std::uint64_t chunk, std::size_t packet, std::size_t at) {
    auto& frames = cluster->node(node).replicas.at(chunk).packets.at(packet).frames;
    frames.at(at % frames.size()) ^= std::byte{0x10};
  }
};

TEST_F(Read, EverySizeAroundTheBorders) {
  start(1);
  for (std::size_t size : {0, 1, 511, 512, 513, 4095, 4096, 4097, 8192, 12'305}) {
    auto path = "/f" + std::to_string(size);
    auto contents = text(size, size);
    ASSERT_TRUE(write(path, contents).has_value());
    EXPECT_EQ(read(path).value(), contents);
  }
}

TEST_F(Read, RandomOffsetsLengthsAndSeeksEqualTheModel) {
  namenode.chunkSize = 3'000'000;
  namenode.frameSize = 64_KiB;
  start(2, 2);
  auto contents = text(5'000'000) + noise(2'000'000);
  ASSERT_TRUE(write("/f", contents).has_value());
  auto reader = open("/f");
  io::Random random(7);
  for (int i = 0; i < 300; ++i) {
    auto offset = random.below(contents.size() + 10);
    auto size = i % 10 == 0 ? random.below(4'000'000) : random.below(100'000);
    auto expected = offset < contents.size() ? contents.substr(offset, size) : "";
    auto got = pread(*reader, offset, size);
    ASSERT_TRUE(got.has_value()) << got.error().toString();
    ASSERT_TRUE(*got == expected) << "at " << offset << ", " << size;
    if (i % 3 == 0) {
      auto to = random.below(contents.size());
      reader->seek(to, to + random.below(2'000'000));
      ASSERT_EQ(reader->position(), to);
    }
    auto at = reader->position();
    auto next = wait(reader->next()).value();
    ASSERT_TRUE(asText(next.bytes) == std::string_view(contents).substr(at, next.bytes.size()));
    ASSERT_EQ(next.bytes.empty(), at == contents.size());
    ASSERT_EQ(reader->position(), at + next.bytes.size());
  }
}

TEST_F(Read, RepliesMayBeShorterThanAskedFor) {
  namenode.chunkSize = 1_MiB;
  start(1);
  auto contents = text(300'000);
  // Packets of 4 KiB: one chunk of small pieces that were flushed one by one.
  options.encodeAheadBytes = 1_MiB;
  ASSERT_TRUE(write("/f", contents).has_value());
  cluster->node(1).readPlainMax = 1;
  EXPECT_EQ(read("/f").value(), contents);
}

TEST_F(Read, LocationsComeInPages) {
  namenode.pageChunks = 2;
  start(1);
  auto contents = text(7 * 4096 + 1);
  ASSERT_TRUE(write("/f", contents).has_value());
  EXPECT_EQ(read("/f").value(), contents);
  auto all = wait(files->locations("/f")).value();
  ASSERT_EQ(all.size(), 8u);
  EXPECT_EQ(all.back().offset, 7u * 4096);
  EXPECT_EQ(wait(files->locations("/f", 4096, 1)).value().size(), 1u);
}

// The bound of read-ahead is the bound of memory.
TEST_F(Read, ReadsAheadNoFurtherThanAllowed) {
  start(1);
  ASSERT_TRUE(write("/f", text(100 * 4096)).has_value());
  auto reader = open("/f", {.readAheadBytes = 4 * SequentialReader::SEGMENT_BYTES});
  for (int i = 0; i < 10; ++i) {
    (void)wait(reader->next()).value();
    loop.settle();
    EXPECT_LE(cluster->node(1).reads, static_cast<unsigned>(i) + 1 + 4);
  }
  EXPECT_GE(cluster->node(1).reads, 13u);
  auto none = open("/f", {.readAheadBytes = 0});
  auto before = cluster->node(1).reads;
  (void)wait(none->next()).value();
  loop.settle();
  EXPECT_EQ(cluster->node(1).reads, before + 1);
}

// Several chunks at once, and never more than the bound, which is that of the memory in messages.
TEST_F(Read, ALargePositionalReadAsksForSeveralChunksAtOnce) {
  start(1);
  constexpr std::size_t ROUNDS = 5;
  constexpr std::uint32_t DELAY_MS = 100;
  const auto contents = text(ROUNDS * OpenFile::PREAD_REQUESTS_MAX * 4096);
  ASSERT_TRUE(write("/f", contents).has_value());
  auto reader = open("/f");
  cluster->node(1).readDelayMs = DELAY_MS;
  const auto began = loop.clock.monotonicMs();
  EXPECT_EQ(pread(*reader, 0, contents.size()).value(), contents);
  const auto took = loop.clock.monotonicMs() - began;
  EXPECT_GE(took, ROUNDS * DELAY_MS);
  EXPECT_LE(took, (ROUNDS + 1) * DELAY_MS);
}

TEST_F(Read, ReadsAheadNoFurtherThanTheAnnouncedEnd) {
  start(1);
  auto contents = text(50 * 4096);
  ASSERT_TRUE(write("/f", contents).has_value());
  auto reader = open("/f");
  reader->seek(4096 + 100, 3 * 4096);
  std::string got;
  while (reader->position() < 3 * 4096) got += asText(wait(reader->next()).value().bytes);
  loop.settle();
  EXPECT_EQ(cluster->node(1).reads, 2u);
  EXPECT_EQ(got, contents.substr(4196, 2 * 4096 - 100));
  // A reader of lines goes a little past its split.
  got = asText(wait(reader->next()).value().bytes);
  EXPECT_EQ(got, contents.substr(3 * 4096, got.size()));
}

TEST_F(Read, AnotherReplicaTakesOverWhicheverReadTheFirstDiesAt) {
  auto contents = text(12 * 4096 + 5);
  for (unsigned at = 0; at < 13; ++at) {
    SCOPED_TRACE(at);
    files = nullptr;
    door = nullptr;
    namenode = {};
    start(2, 2);
    ASSERT_TRUE(write("/f", contents).has_value());
    cluster->node(1).dieAtRead = at;
    auto began = loop.clock.monotonicMs();
    auto got = read("/f");
    ASSERT_TRUE(got.has_value()) << got.error().toString();
    EXPECT_EQ(*got, contents);
    EXPECT_LT(loop.clock.monotonicMs() - began, 1000);
    EXPECT_TRUE(namenode.badReplicas.empty());
  }
}

TEST_F(Read, ADeadNodeIsNotAskedForEveryChunk) {
  start(2, 2);
  auto contents = text(50 * 4096);
  ASSERT_TRUE(write("/f", contents).has_value());
  cluster->node(1).stallReads = true;
  auto began = loop.clock.monotonicMs();
  EXPECT_EQ(read("/f", {.readAheadBytes = 0}).value(), contents);
  // One deadline, not fifty.
  EXPECT_LT(loop.clock.monotonicMs() - began, 2 * options.datanodeReadMs);
}

TEST_F(Read, AnOldOrMissingReplicaIsPassedOver) {
  start(3, 3);
  auto contents = text(9000);
  ASSERT_TRUE(write("/f", contents).has_value());
  cluster->node(1).refuseReads = Status(Code::STALE, "another generation");
  cluster->node(2).replicas.clear();
  EXPECT_EQ(read("/f").value(), contents);
  EXPECT_TRUE(namenode.badReplicas.empty());
}

// Any byte of any packet: header, payload, the last byte.
TEST_F(Read, AFlippedByteNeverReachesTheCallerAndIsReported) {
  start(2, 2);
  io::Random random(3);
  for (int i = 0; i < 60; ++i) {
    auto path = "/f" + std::to_string(i);
    auto contents = i % 2 == 0 ? text(3 * 4096 + 100, i) : noise(3 * 4096 + 100, i);
    ASSERT_TRUE(write(path, contents).has_value());
    namenode.badReplicas.clear();
    auto chunk = file(path).chunks[i % 4].id;
    flip(1, chunk, 0, random.next64());
    auto got = read(path);
    ASSERT_TRUE(got.has_value()) << got.error().toString();
    ASSERT_EQ(*got, contents);
    loop.settle();
    using Reports = std::vector<std::pair<std::uint64_t, std::uint32_t>>;
    EXPECT_EQ(namenode.badReplicas, (Reports{{chunk, 1}}));
  }
}

// A datanode that answers with another chunk's bytes at the same place, each frame as it was
// written.
TEST_F(Read, AnotherChunksFramesNeverReachTheCallerAndAreReported) {
  start(2, 2);
  const auto contents = noise(3 * 4096 + 100);
  ASSERT_TRUE(write("/f", contents).has_value());
  const auto& chunks = file("/f").chunks;
  auto& replicas = cluster->node(1).replicas;
  replicas.at(chunks[1].id).packets = replicas.at(chunks[2].id).packets;
  EXPECT_EQ(read("/f").value(), contents);
  loop.settle();
  using Reports = std::vector<std::pair<std::uint64_t, std::uint32_t>>;
  EXPECT_EQ(namenode.badReplicas, (Reports{{chunks[1].id, 1}}));
}

TEST_F(Read, WhenAllIsDamagedTheErrorSaysSo) {
  start(2, 2);
  auto contents = text(3 * 4096);
  ASSERT_TRUE(write("/f", contents).has_value());
  auto chunk = file("/f").chunks[1].id;
  flip(1, chunk, 0, 100);
  flip(2, chunk, 0, 200);
  auto reader = open("/f");
  EXPECT_EQ(asText(wait(reader->next()).value().bytes), contents.substr(0, 4096));
  const auto began = loop.clock.monotonicMs();
  auto failed = wait(reader->next());
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().code(), Code::CORRUPT);
  // The same bytes would be no better after a pause: a salvage asks for thousands of such parts.
  EXPECT_EQ(loop.clock.monotonicMs(), began);
  for (const char* part : {"/f", "datanode 1", "datanode 2"}) {
    EXPECT_NE(failed.error().message().find(part), std::string::npos) << failed.error().message();
  }
  // What is sound can still be read, and a later try succeeds once a good copy is there.
  EXPECT_EQ(pread(*reader, 2 * 4096, 10).value(), contents.substr(2 * 4096, 10));
  flip(2, chunk, 0, 200);
  EXPECT_EQ(asText(wait(reader->next()).value().bytes), contents.substr(4096, 4096));
}

// Protects the servers from a reader that makes no pause, and the reader from waiting for nothing:
// of a chunk with damaged copies alone the places are asked for once more, and each copy for ever
// smaller parts, but for none twice; one that was made meanwhile is read at once.
TEST_F(Read, WhenAllIsDamagedOnlyANewCopyIsWorthAnotherRound) {
  start(3, 2);
  const auto contents = text(4096);
  ASSERT_TRUE(write("/f", contents).has_value());
  auto& chunk = file("/f").chunks[0];
  ASSERT_EQ(chunk.nodes, (std::vector<std::uint32_t>{1, 2}));
  cluster->node(3).replicas[chunk.id] = cluster->node(1).replicas.at(chunk.id);
  flip(1, chunk.id, 0, 100);
  flip(2, chunk.id, 0, 100);
  auto reader = open("/f");
  EXPECT_FALSE(pread(*reader, 0, 4096).has_value());
  const auto calls = namenode.locationCalls;
  const auto reads = cluster->node(1).reads;
  const auto began = loop.clock.monotonicMs();
  EXPECT_FALSE(pread(*reader, 0, 4096).has_value());
  EXPECT_EQ(namenode.locationCalls - calls, 1U);
  EXPECT_LE(cluster->node(1).reads - reads, 13U);
  chunk.nodes.push_back(3);
  EXPECT_EQ(pread(*reader, 0, 4096).value(), contents);
  EXPECT_EQ(loop.clock.monotonicMs(), began);
}

// Protects who reads what is damaged in one place and out of reach in the other: smaller parts are
// asked of the node that answers, and the one that hangs is waited for once a round, not once a
// part.
TEST_F(Read, ANodeThatHangsIsNotAskedForEveryPart) {
  start(2, 2);
  const auto contents = text(4000);
  ASSERT_TRUE(write("/f", contents).has_value());
  flip(1, file("/f").chunks[0].id, 0, 100);
  cluster->node(2).stallReads = true;
  const auto began = loop.clock.monotonicMs();
  const auto failed = read("/f");
  ASSERT_FALSE(failed.has_value());
  EXPECT_LT(loop.clock.monotonicMs() - began,
            (RangeReader::READ_ROUNDS_MAX + 1) * options.datanodeReadMs);
}

// Protects whoever asks why: a damaged replica that the namenode has struck off since it was
// reported is named together with those that are left.
TEST_F(Read, AReplicaThatWasStruckOffIsNamedToo) {
  start(2, 2);
  ASSERT_TRUE(write("/f", text(4096)).has_value());
  auto& chunk = file("/f").chunks[0];
  flip(1, chunk.id, 0, 100);
  cluster->node(2).die();
  auto reader = open("/f");
  auto reading = reader->next();
  EXPECT_FALSE(reading.poll(loop.waitScope));
  loop.settle();
  ASSERT_EQ(namenode.badReplicas.size(), 1u);
  std::erase(chunk.nodes, 1u);
  auto failed = wait(kj::mv(reading));
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().code(), Code::UNAVAILABLE);
  for (const char* part : {"datanode 1", "datanode 2"}) {
    EXPECT_NE(failed.error().message().find(part), std::string::npos) << failed.error().message();
  }
}

// The namenode is asked again before a read is given up: the node may be back, or the chunk
// elsewhere.
TEST_F(Read, LocationsAreAskedAgain) {
  start(1);
  auto contents = text(5000);
  ASSERT_TRUE(write("/f", contents).has_value());
  auto reader = open("/f");
  cluster->node(1).die();
  loop.settle();
  auto reading = reader->next();
  EXPECT_FALSE(reading.poll(loop.waitScope));
  ASSERT_TRUE(wait(cluster->node(1).start()).has_value());
  EXPECT_EQ(asText(wait(kj::mv(reading)).value().bytes), contents.substr(0, 4096));
}

TEST_F(Read, NoReplicaLeftIsAnErrorThatNamesThem) {
  start(2, 2);
  ASSERT_TRUE(write("/f", text(5000)).has_value());
  cluster->node(1).die();
  cluster->node(2).die();
  auto got = read("/f");
  ASSERT_FALSE(got.has_value());
  EXPECT_EQ(got.error().code(), Code::UNAVAILABLE);
  EXPECT_NE(got.error().message().find("datanode 2"), std::string::npos);
}

// The bytes of two files must never be mixed.
TEST_F(Read, AFileThatIsReplacedWhileReadIsNotContinued) {
  namenode.pageChunks = 1;
  start(1);
  ASSERT_TRUE(write("/f", text(3 * 4096, 1)).has_value());
  auto reader = open("/f", {.readAheadBytes = 0});
  ASSERT_TRUE(wait(reader->next()).has_value());
  CreateOptions overwrite;
  overwrite.overwrite = true;
  ASSERT_TRUE(write("/f", text(3 * 4096, 2), SIZE_MAX, overwrite).has_value());
  auto next = wait(reader->next());
  ASSERT_FALSE(next.has_value());
  EXPECT_EQ(next.error().code(), Code::NOT_FOUND);
}

TEST_F(Read, DirectoriesAndMissingFilesAreErrors) {
  start(1);
  EXPECT_EQ(wait(files->open("/")).error().code(), Code::IS_A_DIRECTORY);
  EXPECT_EQ(wait(files->open("/nope")).error().code(), Code::NOT_FOUND);
}

// A reader may be dropped at any moment, with requests and decoding under way.
TEST_F(Read, DroppingAReaderAtAnyMomentIsSafe) {
  start(2, 2);
  ASSERT_TRUE(write("/f", text(20 * 4096)).has_value());
  for (unsigned turns = 0; turns < 60; ++turns) {
    auto reader = open("/f");
    auto reading = reader->next();
    std::string to(30'000, ' ');
    auto at = reader->pread(5000, {reinterpret_cast<std::byte*>(to.data()), to.size()});
    wait([](unsigned left) -> kj::Promise<void> {
      while (left-- > 0) co_await kj::evalLater([]() {});
    }(turns));
    at = nullptr;
    reading = nullptr;
    reader = nullptr;
    loop.settle();
  }
}

}  // namespace
}  // namespace cairn::client
