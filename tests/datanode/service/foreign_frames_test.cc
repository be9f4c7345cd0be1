// Protects readers, and all copies, from frames of another chunk that are good in themselves and
// lie at the right place: a write that went astray or was lost, a writer or a datanode that mixes
// chunks up. Nothing of another chunk is stored, served, copied or counted, and the rest is.
#include <gtest/gtest.h>

#include "common/format/footer.h"
#include "common/io/disk_ops.h"
#include "datanode/store/replica_copy.h"
#include "tests/datanode/fakes/fixture.h"

namespace cairn::dn {
namespace {

using fakes::boundTo;
using fakes::DatanodeTest;
using fakes::key;
using fakes::makeChunk;
using fakes::ResumePoint;
using fakes::TestChunk;

constexpr std::uint32_t FRAME = 512;  // plain bytes, and stored ones: nothing is packed
constexpr std::uint64_t FRAME_BYTES = FRAME + format::FRAME_HEADER_BYTES;
constexpr std::size_t LENGTH = 6000;

class ForeignFrames : public DatanodeTest {
protected:
  // Chunks of the same length have all parts of their files at the same places.
  static TestChunk rawChunk(std::uint64_t seed) {
    return makeChunk(LENGTH, seed, FRAME, 4, {.codec = format::Codec::RAW});
  }
  static std::string finalPath(ReplicaKey key) {
    constexpr std::uint32_t FRAMES = (LENGTH + FRAME - 1) / FRAME;
    return finalPathOf({key, LENGTH,
                        format::CHUNK_HEADER_BYTES + LENGTH + FRAMES * format::FRAME_HEADER_BYTES +
                            format::footerBytes(FRAMES) + format::TRAILER_BYTES});
  }
  static std::uint64_t placeOf(unsigned frame) {
    return format::CHUNK_HEADER_BYTES + frame * FRAME_BYTES;
  }
  // What is at this place of one file comes to stand at the same place of the other.
  void astray(unsigned number, const std::string& from, const std::string& to, std::uint64_t place,
              std::uint64_t bytes) {
    auto& disk = *machine(number).disks[0];
    ByteVector some(bytes);
    auto source = disk.open(from, io::OpenMode::READ).value();
    ASSERT_OK(io::readExactlyAt(*source, place, some));
    ASSERT_OK(disk.open(to, io::OpenMode::READ_WRITE).value()->writeAt(place, some));
  }
  void verify(unsigned number, ReplicaKey at) {
    known(number).orders.push_back([=](wire::Command::Builder command) {
      auto list = command.initCheckReplicas(1);
      list[0].setId(at.chunk.value);
      list[0].setGeneration(at.generation.value);
    });
    pass(master.heartbeatMs + 1);
    pass(master.heartbeatMs + 1);  // the next one brings the news of it
  }
  wire::ReplicaState stateOf(unsigned number, ReplicaKey at) {
    return known(number).replicas.at(at).state;
  }
  void reboot(unsigned number) {
    ASSERT_OK(boot(machine(number)));
    waitRegistered(machine(number));
    pass(1);
  }
  // Two finished replicas on the nodes; the third frame of the second stands in the first at
  // node 1.
  void twoWithOneAstray(const std::vector<unsigned>& nodes) {
    for (std::uint64_t i : {1, 2}) ASSERT_OK(write(nodes, key(i), chunks[i - 1]).result);
    astray(1, finalPath(key(2)), finalPath(key(1)), placeOf(2), FRAME_BYTES);
  }

  const std::vector<TestChunk> chunks{rawChunk(1), rawChunk(2)};
};

// --- Writing ---

TEST_F(ForeignFrames, AreNotTakenFromAWriter) {
  startNodes(2);
  for (const std::vector<unsigned>& nodes : {std::vector{1U}, std::vector{1U, 2U}}) {
    const auto at = key(nodes.size());
    ASSERT_VALUE(auto writer, openWriter(nodes, at, chunks[0]));
    ASSERT_OK(push(writer, chunks[0].packets[0]).result);
    EXPECT_CODE(Code::CORRUPT, push(writer, boundTo(key(9).chunk, chunks[0].packets[1])).result);
    EXPECT_EQ(read(1, at).value(), chunks[0].plain.substr(0, chunks[0].packets[1].offset));
  }
}

// --- Reading ---

TEST_F(ForeignFrames, AreNotServedAndAreTold) {
  startNodes(2);
  twoWithOneAstray({1, 2});
  const auto& plain = chunks[0].plain;
  EXPECT_CODE(Code::CORRUPT, read(1, key(1)));
  EXPECT_CODE(Code::CORRUPT, read(1, key(1), 2 * FRAME + 100, 1));
  pass(1);
  EXPECT_EQ(stateOf(1, key(1)), wire::ReplicaState::DAMAGED);
  EXPECT_EQ(stateOf(1, key(2)), wire::ReplicaState::FINAL);
  // The other copy has it, and this one the other frames.
  EXPECT_EQ(read(2, key(1)).value(), plain);
  EXPECT_EQ(read(1, key(1), 0, 2 * FRAME).value(), plain.substr(0, 2 * FRAME));
  EXPECT_EQ(read(1, key(1), 3 * FRAME).value(), plain.substr(3 * FRAME));
  EXPECT_EQ(read(1, key(2)).value(), chunks[1].plain);
}

TEST_F(ForeignFrames, AreNotCounted) {
  startNodes(1);
  twoWithOneAstray({1});
  EXPECT_CODE(Code::CORRUPT, checksum(1, key(1), LENGTH - 1));
  EXPECT_OK(checksum(1, key(1), 2 * FRAME));
}

TEST_F(ForeignFrames, AreFoundWhenTheReplicaIsLookedThrough) {
  startNodes(1);
  twoWithOneAstray({1});
  for (std::uint64_t i : {1, 2}) verify(1, key(i));
  EXPECT_EQ(stateOf(1, key(1)), wire::ReplicaState::DAMAGED);
  EXPECT_EQ(stateOf(1, key(2)), wire::ReplicaState::FINAL);
}

// Without an index the frames are walked; a foreign one still is a frame of this number and length.
TEST_F(ForeignFrames, AreNotServedFromAFileWithoutItsEnd) {
  startNodes(1);
  twoWithOneAstray({1});
  const auto size = machine(1).disks[0]->statIfExists(finalPath(key(1))).value()->sizeBytes;
  ASSERT_OK(machine(1).disks[0]->flipBit(finalPath(key(1)), (size - 40) * 8));
  EXPECT_CODE(Code::CORRUPT, read(1, key(1), 2 * FRAME, FRAME));
  EXPECT_EQ(read(1, key(1), 3 * FRAME).value(), chunks[0].plain.substr(3 * FRAME));
}

// The end of a file tells the sums of the whole chunk, without a look at it.
TEST_F(ForeignFrames, AnotherChunksTrailerTellsNothing) {
  startNodes(1);
  for (std::uint64_t i : {1, 2}) ASSERT_OK(write({1}, key(i), chunks[i - 1]).result);
  const auto size = machine(1).disks[0]->statIfExists(finalPath(key(1))).value()->sizeBytes;
  astray(1, finalPath(key(2)), finalPath(key(1)), size - format::TRAILER_BYTES,
         format::TRAILER_BYTES);
  EXPECT_CODE(Code::CORRUPT, checksum(1, key(1), LENGTH));
  EXPECT_EQ(read(1, key(1)).value(), chunks[0].plain);
}

// A good header that names another chunk says that the whole file is one of that chunk. A damaged
// one says nothing, and its frames say whose they are.
TEST_F(ForeignFrames, AHeaderCountsAsFarAsItIsGood) {
  startNodes(1);
  for (std::uint64_t i : {1, 2, 3}) ASSERT_OK(write({1}, key(i), chunks[i == 3 ? 0 : 1]).result);
  astray(1, finalPath(key(2)), finalPath(key(1)), 0, format::CHUNK_HEADER_BYTES);
  EXPECT_CODE(Code::CORRUPT, read(1, key(1)));
  // The number of a chunk and all its frames, but for the sum over its header.
  astray(1, finalPath(key(2)), finalPath(key(3)), 0, format::CHUNK_HEADER_BYTES - 4);
  EXPECT_EQ(read(1, key(3)).value(), chunks[0].plain);
  astray(1, finalPath(key(2)), finalPath(key(3)), placeOf(0), LENGTH);
  EXPECT_CODE(Code::CORRUPT, read(1, key(3)));
}

// --- After a restart ---

// Behind the good frames of an unfinished replica lies what another file has left there. That is no
// damage: nobody was promised it.
TEST_F(ForeignFrames, BehindAnUnfinishedReplicaAreCutOff) {
  startNodes(1);
  for (std::uint64_t i : {1, 2}) {
    ASSERT_VALUE(auto writer, openWriter({1}, key(i), chunks[i - 1]));
    for (unsigned n = 0; n <= i; ++n) ASSERT_OK(push(writer, chunks[i - 1].packets[n]).result);
    ASSERT_OK(sync(writer).result);
  }
  crash(machine(1), io::CrashLoss::NOTHING);
  astray(1, rbwPathOf(key(2)), rbwPathOf(key(1)), placeOf(8), 3 * FRAME_BYTES);
  reboot(1);
  EXPECT_EQ(stateOf(1, key(1)), wire::ReplicaState::RBW);
  EXPECT_EQ(known(1).replicas.at(key(1)).length, 8 * FRAME);
  EXPECT_EQ(read(1, key(1)).value(), chunks[0].plain.substr(0, std::size_t{8} * FRAME));
  EXPECT_EQ(machine(1).disks[0]->statIfExists(rbwPathOf(key(1))).value()->sizeBytes, placeOf(8));
}

// In the middle of its own frames, it is.
TEST_F(ForeignFrames, InsideAnUnfinishedReplicaAreDamage) {
  startNodes(1);
  for (std::uint64_t i : {1, 2}) {
    ASSERT_VALUE(auto writer, openWriter({1}, key(i), chunks[i - 1]));
    for (unsigned n = 0; n < 2; ++n) ASSERT_OK(push(writer, chunks[i - 1].packets[n]).result);
    ASSERT_OK(sync(writer).result);
  }
  crash(machine(1), io::CrashLoss::NOTHING);
  astray(1, rbwPathOf(key(2)), rbwPathOf(key(1)), placeOf(5), FRAME_BYTES);
  reboot(1);
  EXPECT_EQ(stateOf(1, key(1)), wire::ReplicaState::DAMAGED);
  EXPECT_EQ(known(1).replicas.at(key(1)).length, 5 * FRAME);
  EXPECT_EQ(read(1, key(1)).value(), chunks[0].plain.substr(0, std::size_t{5} * FRAME));
}

// --- What is made of a replica ---

TEST_F(ForeignFrames, AreNotKeptByACut) {
  startNodes(1);
  twoWithOneAstray({1});
  ASSERT_OK(initRecovery(1, key(1), 2));
  EXPECT_CODE(Code::CORRUPT, recoverReplica(1, key(1), 2, 5 * FRAME));
  EXPECT_CODE(Code::CORRUPT, recoverReplica(1, key(1), 2, 2 * FRAME + 100));  // a part of it
  ASSERT_OK(recoverReplica(1, key(1), 2, 2 * FRAME));
  EXPECT_EQ(read(1, key(1, 2)).value(), chunks[0].plain.substr(0, std::size_t{2} * FRAME));
}

// An append: the node counts the sums of what was there before.
TEST_F(ForeignFrames, AreNotSealedAgain) {
  startNodes(1);
  twoWithOneAstray({1});
  ASSERT_VALUE(auto writer, openWriter({1}, key(1, 2), chunks[0], nullptr,
                                       ResumePoint{.generation = 1, .length = LENGTH}));
  EXPECT_CODE(Code::CORRUPT, finishUncounted(writer, LENGTH).result);
}

// A node that copies does not rely on the one it copies from.
TEST_F(ForeignFrames, AreNotCopied) {
  io::MemoryDisk disk;
  const VolumeIdentity identity{.cluster = Uuid::fromHighLow(1, 2),
                                .datanode = Uuid::fromHighLow(3, 4),
                                .volume = Uuid::fromHighLow(5, 6),
                                .node = NodeId(7)};
  std::shared_ptr<Volume> volume = Volume::open(disk, {}).value();
  ASSERT_OK(volume->format(identity));
  const format::ChunkHeader header{
      .cluster = identity.cluster, .chunk = key(1).chunk, .frameSize = FRAME};
  for (const auto depth : {format::ChunkScan::Depth::STORED, format::ChunkScan::Depth::PLAIN}) {
    ASSERT_VALUE(const auto copy, ReplicaCopy::create(volume, key(1), header, depth));
    const auto& packets = chunks[0].packets;
    ASSERT_OK(copy->append(boundTo(key(1).chunk, packets[0]).frames));
    EXPECT_CODE(Code::CORRUPT, copy->append(boundTo(key(2).chunk, packets[1]).frames));
  }
}

}  // namespace
}  // namespace cairn::dn
