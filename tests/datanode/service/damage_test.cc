// Protects readers and the namenode's knowledge from damaged disks: a flipped bit is never served
// as good, the replica is reported, stays as long as the namenode does not know better, and is put
// aside then, not destroyed.
#include <gtest/gtest.h>

#include <cerrno>

#include "common/format/footer.h"
#include "tests/datanode/fakes/fixture.h"

namespace cairn::dn {
namespace {

using fakes::DatanodeTest;
using fakes::key;
using fakes::makeChunk;

class Damage : public DatanodeTest {
protected:
  std::string finalPath(unsigned number, std::size_t index = 0) {
    return filesBelow(machine(number), "final").at(index);
  }
  void order(unsigned number, std::function<void(wire::Command::Builder)> order) {
    known(number).orders.push_back(std::move(order));
    pass(master.heartbeatMs + 1);
    pass(master.heartbeatMs + 1);  // the next one brings the news of it
  }
  static std::uint32_t frameCount(const fakes::TestChunk& chunk) {
    return static_cast<std::uint32_t>((chunk.plain.size() + chunk.frameSize - 1) / chunk.frameSize);
  }
  // Where in the file the frame of this number begins.
  static std::uint64_t framesBefore(const fakes::TestChunk& chunk, unsigned number) {
    ByteVector frames;
    for (const auto& packet : chunk.packets) {
      frames.insert(frames.end(), packet.frames.begin(), packet.frames.end());
    }
    std::uint64_t at = 0;
    while (number-- > 0) at += format::frameAt(ByteView(frames).subspan(at)).value().bytes.size();
    return format::CHUNK_HEADER_BYTES + at;
  }
  static void setKey(capnp::List<wire::ChunkRef>::Builder list, ReplicaKey key) {
    list[0].setId(key.chunk.value);
    list[0].setGeneration(key.generation.value);
  }
};

// Every byte of the file in turn, its header, index and trailer included; one replica each. What is
// served is right; damage outside of the frames costs none of them.
TEST_F(Damage, AFlippedBitIsNeverServedAsGood) {
  startNodes(1);
  const auto chunk = makeChunk(3000);
  std::uint64_t number = 1;
  ASSERT_OK(write({1}, key(number), chunk).result);
  const auto size = machine(1).disks[0]->statIfExists(finalPath(1)).value()->sizeBytes;
  const auto framesEnd = size - format::TRAILER_BYTES - format::footerBytes(frameCount(chunk));
  for (std::uint64_t byte = 0; byte < size; byte += byte < 64 || byte >= framesEnd ? 3 : 13) {
    const auto at = key(++number);
    ASSERT_OK(write({1}, at, chunk).result);
    const FinalName name{at, chunk.plain.size(), size};
    ASSERT_OK(machine(1).disks[0]->flipBit(finalPathOf(name), byte * 8 + byte % 8));
    const bool isFrame = byte >= 64 && byte < framesEnd;
    for (int i = 0; i < 2; ++i) {
      const auto got = read(1, at);
      if (isFrame) {
        EXPECT_CODE(Code::CORRUPT, got) << "byte " << byte;
      } else {
        EXPECT_OK(got) << "byte " << byte;
        EXPECT_EQ(got.value_or(""), chunk.plain) << "byte " << byte;
      }
    }
    pass(1);
    EXPECT_EQ(known(1).replicas.at(at).state, wire::ReplicaState::DAMAGED) << "byte " << byte;
  }
  EXPECT_TRUE(filesBelow(machine(1), "quarantine").empty());
  // The undamaged one is still served.
  EXPECT_EQ(read(1, key(1)).value(), chunk.plain);
}

// Protects the good part of what may be the last copy: one bad frame takes no other with it.
TEST_F(Damage, TheGoodFramesOfADamagedReplicaAreServed) {
  startNodes(1);
  const auto chunk = makeChunk(3000);
  ASSERT_OK(write({1}, key(1), chunk).result);
  ASSERT_OK(machine(1).disks[0]->flipBit(finalPath(1), 8 * 100));  // in its first frame
  EXPECT_CODE(Code::CORRUPT, read(1, key(1)));
  EXPECT_EQ(read(1, key(1), chunk.frameSize).value(), chunk.plain.substr(chunk.frameSize));
}

// The namenode knows of no other good copy.
TEST_F(Damage, ACheckedReplicaStaysWhateverIsFound) {
  startNodes(1);
  const auto chunk = makeChunk(3000);
  ASSERT_OK(write({1}, key(1), chunk).result);
  const auto check = [&](wire::Command::Builder command) {
    setKey(command.initCheckReplicas(1), key(1));
  };
  known(1).replicas.clear();
  order(1, check);
  EXPECT_EQ(known(1).replicas.at(key(1)).state, wire::ReplicaState::FINAL);
  ASSERT_OK(machine(1).disks[0]->flipBit(finalPath(1), 8 * 100));
  order(1, check);
  EXPECT_EQ(known(1).replicas.at(key(1)).state, wire::ReplicaState::DAMAGED);
  EXPECT_TRUE(filesBelow(machine(1), "quarantine").empty());
  EXPECT_EQ(read(1, key(1), chunk.frameSize).value(), chunk.plain.substr(chunk.frameSize));
}

// Of a file that was cut, the frames that are still whole.
TEST_F(Damage, AFileOfTheWrongLengthIsFoundAndItsFramesAreServed) {
  startNodes(1);
  const auto chunk = makeChunk(3000);
  ASSERT_OK(write({1}, key(1), chunk).result);
  auto file = machine(1).disks[0]->open(finalPath(1), io::OpenMode::READ_WRITE).value();
  const auto size = file->size().value();
  ASSERT_OK(file->truncate(size - 1));
  EXPECT_EQ(read(1, key(1)).value(), chunk.plain);
  pass(1);
  EXPECT_EQ(known(1).replicas.at(key(1)).state, wire::ReplicaState::DAMAGED);

  ASSERT_OK(write({1}, key(2), chunk).result);
  file = machine(1)
             .disks[0]
             ->open(finalPathOf({key(2), chunk.plain.size(), size}), io::OpenMode::READ_WRITE)
             .value();
  ASSERT_OK(file->truncate(framesBefore(chunk, 3) + 10));
  const auto good = std::uint64_t{3} * chunk.frameSize;
  EXPECT_EQ(read(1, key(2), 0, good).value(), chunk.plain.substr(0, good));
  EXPECT_CODE(Code::CORRUPT, read(1, key(2), good));
  EXPECT_CODE(Code::CORRUPT, read(1, key(2)));
}

// Two faults: without the index, a bad frame must not shift those behind it. They are served where
// all lengths add up to what the file's name says, and else not at all.
TEST_F(Damage, WithoutAnIndexABadFrameShiftsNoOther) {
  startNodes(1);
  const auto chunk = makeChunk(3000);
  ASSERT_OK(write({1}, key(1), chunk).result);
  const auto size = machine(1).disks[0]->statIfExists(finalPath(1)).value()->sizeBytes;
  const auto damaged = [&](std::uint64_t number, std::uint64_t byte) {
    EXPECT_OK(write({1}, key(number), chunk).result);
    const auto path = finalPathOf({key(number), chunk.plain.size(), size});
    EXPECT_OK(machine(1).disks[0]->flipBit(path, (size - 40) * 8));
    EXPECT_OK(machine(1).disks[0]->flipBit(path, byte * 8));
  };
  const auto second = framesBefore(chunk, 1);
  const auto from = std::uint64_t{2} * chunk.frameSize;
  damaged(2, second + format::FRAME_HEADER_BYTES + 7);  // its payload
  EXPECT_EQ(read(1, key(2), 0, chunk.frameSize).value(), chunk.plain.substr(0, chunk.frameSize));
  EXPECT_CODE(Code::CORRUPT, read(1, key(2), chunk.frameSize, 1));
  EXPECT_EQ(read(1, key(2), from).value(), chunk.plain.substr(from));
  for (const std::uint64_t byte : {0, 4, 8}) {  // stored length, plain length, sequence
    const auto number = 3 + byte;
    damaged(number, second + byte);
    EXPECT_EQ(read(1, key(number), 0, chunk.frameSize).value(),
              chunk.plain.substr(0, chunk.frameSize));
    EXPECT_CODE(Code::CORRUPT, read(1, key(number), chunk.frameSize, 1));
    EXPECT_CODE(Code::CORRUPT, read(1, key(number), from));
  }
}

// Protects the good part of what may be the last copy from a bad sector: in the file's ends it
// costs nothing but them, in a frame that frame.
TEST_F(Damage, WhatCanBeReadBesideABadSectorIsServed) {
  startNodes(1);
  const auto chunk = makeChunk(3000);
  ASSERT_OK(write({1}, key(100), chunk).result);
  const auto size = machine(1).disks[0]->statIfExists(finalPath(1)).value()->sizeBytes;
  const auto trailer = size - 5;
  const auto footer = size - format::TRAILER_BYTES - 5;
  const auto second = framesBefore(chunk, 1);
  const auto from = std::uint64_t{2} * chunk.frameSize;
  std::uint64_t number = 0;
  const auto write = [&](std::initializer_list<std::uint64_t> badBytes) {
    const auto at = key(++number);
    EXPECT_OK(DatanodeTest::write({1}, at, chunk).result);
    const auto path = finalPathOf({at, chunk.plain.size(), size});
    for (const auto byte : badBytes) {
      machine(1).faulty[0]->inject({.op = io::DiskOp::READ,
                                    .forever = true,
                                    .pathContains = path,
                                    .errnum = EIO,
                                    .byte = byte});
    }
    return at;
  };
  for (const auto at : {write({trailer}), write({footer}), write({footer, trailer})}) {
    EXPECT_EQ(read(1, at).value_or(""), chunk.plain) << at.toString();
    pass(1);
    EXPECT_EQ(known(1).replicas.at(at).state, wire::ReplicaState::DAMAGED) << at.toString();
  }
  const auto inAFrame = write({trailer, second + format::FRAME_HEADER_BYTES + 7});
  EXPECT_EQ(read(1, inAFrame, 0, chunk.frameSize).value_or(""),
            chunk.plain.substr(0, chunk.frameSize));
  EXPECT_CODE(Code::IO_ERROR, read(1, inAFrame, chunk.frameSize, 1));
  EXPECT_EQ(read(1, inAFrame, from).value_or(""), chunk.plain.substr(from));
  // Where a frame's header cannot be read nobody knows how long it is.
  const auto inAHeader = write({trailer, second + 3});
  EXPECT_EQ(read(1, inAHeader, 0, chunk.frameSize).value_or(""),
            chunk.plain.substr(0, chunk.frameSize));
  EXPECT_CODE(Code::IO_ERROR, read(1, inAHeader, from));
}

// Protects a disk that is about to fail, and the namenode's knowledge of what lies there: not each
// reader has the file walked, a walk ends soon, and of a disk that reads nothing no replica is told
// damaged.
TEST_F(Damage, ADiskThatFailsIsNotWalkedOver) {
  startNodes(1);
  const auto chunk = makeChunk(30'000);
  ASSERT_OK(write({1}, key(1), chunk).result);
  auto& disk = *machine(1).faulty[0];
  const auto readsOf = [&]() {
    const auto before = disk.count(io::DiskOp::READ);
    EXPECT_CODE(Code::IO_ERROR, read(1, key(1)));
    return disk.count(io::DiskOp::READ) - before;
  };
  disk.inject({.op = io::DiskOp::READ, .forever = true, .errnum = EIO});
  for (int i = 0; i < 3; ++i) EXPECT_LE(readsOf(), 2U);
  pass(master.heartbeatMs);
  EXPECT_EQ(known(1).replicas.at(key(1)).state, wire::ReplicaState::FINAL);
  disk.heal();
  EXPECT_EQ(read(1, key(1)).value_or(""), chunk.plain);
  // Its frames have headers that can be read, and nothing else.
  const auto size = machine(1).disks[0]->statIfExists(finalPath(1)).value()->sizeBytes;
  ASSERT_OK(write({1}, key(2), chunk).result);
  const auto path = finalPathOf({key(2), chunk.plain.size(), size});
  for (unsigned i = 0; i < frameCount(chunk); ++i) {
    disk.inject({.op = io::DiskOp::READ,
                 .forever = true,
                 .pathContains = path,
                 .byte = framesBefore(chunk, i) + format::FRAME_HEADER_BYTES});
  }
  disk.inject({.op = io::DiskOp::READ, .forever = true, .pathContains = path, .byte = size - 5});
  const auto before = disk.count(io::DiskOp::READ);
  EXPECT_CODE(Code::IO_ERROR, read(1, key(2)));
  EXPECT_LE(disk.count(io::DiskOp::READ) - before, 40U);
  for (int i = 0; i < 3; ++i) {
    const auto again = disk.count(io::DiskOp::READ);
    EXPECT_CODE(Code::IO_ERROR, read(1, key(2)));
    EXPECT_LE(disk.count(io::DiskOp::READ) - again, 1U);
  }
  pass(1);
  EXPECT_EQ(known(1).replicas.at(key(2)).state, wire::ReplicaState::DAMAGED);
}

// The file is walked in short jobs, so that others get at the disk, and once.
TEST_F(Damage, AWalkForTheIndexIsDoneInPiecesAndOnce) {
  chunkSize = 4 << 20;
  startNodes(1);
  const auto chunk = makeChunk(3 << 20);
  ASSERT_OK(write({1}, key(1), chunk).result);
  const auto size = machine(1).disks[0]->statIfExists(finalPath(1)).value()->sizeBytes;
  ASSERT_OK(machine(1).disks[0]->flipBit(finalPath(1), (size - 40) * 8));
  const auto jobsOf = [&]() {
    const auto before = machine(1).pool.jobs();
    EXPECT_EQ(read(1, key(1), 0, 100).value(), chunk.plain.substr(0, 100));
    return machine(1).pool.jobs() - before;
  };
  EXPECT_GT(jobsOf(), 3U);
  EXPECT_EQ(jobsOf(), 1U);
}

// What is handed out as a whole file, or asked for its sums, must be whole.
TEST_F(Damage, AWalkedReplicaIsServedByFramesAlone) {
  startNodes(1);
  const auto chunk = makeChunk(3000);
  ASSERT_OK(write({1}, key(1), chunk).result);
  const auto size = machine(1).disks[0]->statIfExists(finalPath(1)).value()->sizeBytes;
  ASSERT_OK(machine(1).disks[0]->flipBit(finalPath(1), (size - 40) * 8));
  EXPECT_EQ(read(1, key(1)).value(), chunk.plain);
  EXPECT_CODE(Code::CORRUPT, checksum(1, key(1), chunk.plain.size()));
  EXPECT_EQ(read(1, key(1)).value(), chunk.plain);
}

// Protects the namenode and the log from a file that is read often; asked for its word, the
// datanode gives it again.
TEST_F(Damage, ItIsToldOnce) {
  startNodes(1);
  ASSERT_OK(write({1}, key(1), makeChunk(3000)).result);
  ASSERT_OK(machine(1).disks[0]->flipBit(finalPath(1), 8 * 1000));
  const auto told = [&]() {
    const auto news = known(1).replicas.extract(key(1));
    return !news.empty() && news.mapped().state == wire::ReplicaState::DAMAGED;
  };
  const auto check = [&](wire::Command::Builder command) {
    setKey(command.initCheckReplicas(1), key(1));
  };
  EXPECT_CODE(Code::CORRUPT, read(1, key(1)));
  pass(1);
  EXPECT_TRUE(told());
  EXPECT_CODE(Code::CORRUPT, read(1, key(1)));
  pass(1);
  EXPECT_FALSE(told());
  order(1, check);
  EXPECT_TRUE(told());
  // It was well meanwhile.
  ASSERT_OK(machine(1).disks[0]->flipBit(finalPath(1), 8 * 1000));
  order(1, check);
  EXPECT_FALSE(told());
  ASSERT_OK(machine(1).disks[0]->flipBit(finalPath(1), 8 * 1000));
  EXPECT_CODE(Code::CORRUPT, read(1, key(1)));
  pass(1);
  EXPECT_TRUE(told());
}

TEST_F(Damage, AFileThatIsGoneIsReported) {
  startNodes(1);
  ASSERT_OK(write({1}, key(1), makeChunk(3000)).result);
  ASSERT_OK(machine(1).disks[0]->remove(finalPath(1)));
  EXPECT_CODE(Code::CORRUPT, read(1, key(1)));
  pass(1);
  EXPECT_TRUE(known(1).damaged.contains(key(1)));
}

TEST_F(Damage, AnUnreadableSectorIsAnErrorAndNoVerdict) {
  startNodes(1);
  const auto chunk = makeChunk(3000);
  ASSERT_OK(write({1}, key(1), chunk).result);
  ASSERT_OK(read(1, key(1)));
  machine(1).faulty[0]->inject({.op = io::DiskOp::READ, .errnum = EIO});
  EXPECT_CODE(Code::IO_ERROR, read(1, key(1)));
  EXPECT_EQ(read(1, key(1)).value(), chunk.plain);
}

// What a client reported comes back as an order to look again: only real damage has consequences.
TEST_F(Damage, AVerifiedReplicaIsPutAsideOnlyIfItIsDamaged) {
  startNodes(1);
  const auto chunk = makeChunk(3000);
  ASSERT_OK(write({1}, key(1), chunk).result);
  ASSERT_OK(read(1, key(1)));  // open and checked before
  const auto verify = [&](wire::Command::Builder command) {
    setKey(command.initVerifyReplicas(1), key(1));
  };
  known(1).replicas.clear();
  order(1, verify);
  EXPECT_TRUE(known(1).damaged.empty());
  EXPECT_TRUE(known(1).replicas.contains(key(1)));  // it is told that all is well
  ASSERT_OK(machine(1).disks[0]->flipBit(finalPath(1), 8 * 1000));
  order(1, verify);
  EXPECT_TRUE(known(1).damaged.contains(key(1)));
  EXPECT_TRUE(filesBelow(machine(1), "final").empty());
  EXPECT_EQ(filesBelow(machine(1), "quarantine").size(), 1U);
}

// The index of a replica that is open is in memory; its ends on the disk may have changed since.
// Clients on this machine read those themselves, and report what they see.
TEST_F(Damage, AVerificationReadsTheEndsOfTheFileAnew) {
  startNodes(1);
  const auto chunk = makeChunk(3000);
  ASSERT_OK(write({1}, key(1), chunk).result);
  const auto size = machine(1).disks[0]->statIfExists(finalPath(1)).value()->sizeBytes;
  std::uint64_t number = 1;
  for (const std::uint64_t byte : {std::uint64_t{5}, size - 70, size - 5}) {
    const auto at = key(++number);
    ASSERT_OK(write({1}, at, chunk).result);
    ASSERT_OK(read(1, at));
    const FinalName name{at, chunk.plain.size(), size};
    ASSERT_OK(machine(1).disks[0]->flipBit(finalPathOf(name), byte * 8));
    order(1, [&](wire::Command::Builder command) { setKey(command.initVerifyReplicas(1), at); });
    EXPECT_TRUE(known(1).damaged.contains(at)) << "byte " << byte << " of " << size;
  }
}

// Protects readers from a copy that is only in the namenode's books: asked to verify it, the
// datanode says that it is gone.
TEST_F(Damage, AReplicaThatIsNotThereIsToldGone) {
  startNodes(1);
  order(1, [](wire::Command::Builder command) { setKey(command.initVerifyReplicas(1), key(9)); });
  EXPECT_TRUE(known(1).removed.contains(key(9)));
}

// A replica of several pieces, each a job of its own: clients are served in between. Damage in the
// last is found.
TEST_F(Damage, AVerificationIsDoneInPieces) {
  chunkSize = 4 << 20;
  startNodes(1);
  ASSERT_OK(write({1}, key(1), makeChunk(3 << 20)).result);
  const auto verify = [](wire::Command::Builder command) {
    setKey(command.initVerifyReplicas(1), key(1));
  };
  const auto before = machine(1).pool.jobs();
  order(1, verify);
  EXPECT_GT(machine(1).pool.jobs() - before, 3U);
  EXPECT_TRUE(known(1).damaged.empty());
  const auto size = machine(1).disks[0]->statIfExists(finalPath(1)).value()->sizeBytes;
  ASSERT_OK(machine(1).disks[0]->flipBit(finalPath(1), 8 * (size - 100'000)));
  order(1, verify);
  EXPECT_TRUE(known(1).damaged.contains(key(1)));
}

// The client that could not read it has told the namenode, which wants to know for sure.
TEST_F(Damage, AReplicaThatCannotBeReadInAVerificationIsPutAside) {
  startNodes(1);
  ASSERT_OK(write({1}, key(1), makeChunk(3000)).result);
  ASSERT_OK(read(1, key(1)));
  machine(1).faulty[0]->inject({.op = io::DiskOp::READ, .errnum = EIO});
  order(1, [](wire::Command::Builder command) { setKey(command.initVerifyReplicas(1), key(1)); });
  EXPECT_TRUE(known(1).damaged.contains(key(1)));
}

TEST_F(Damage, AVolumeWhoseSyncFailedIsOutOfServiceAndTheOtherGoesOn) {
  startNodes(1, 2);
  const auto chunk = makeChunk(3000);
  // Two replicas, one on each: the second goes where nobody writes.
  ASSERT_OK(write({1}, key(1), chunk).result);
  const bool first = !filesBelow(machine(1), "final").empty();
  auto& disk = *machine(1).faulty[first ? 0 : 1];
  disk.inject({.op = io::DiskOp::SYNC, .forever = true, .errnum = EIO});
  unsigned failed = 0;
  for (std::uint64_t n = 2; n < 8; ++n) {
    if (!write({1}, key(n), chunk).result.has_value()) ++failed;
  }
  EXPECT_EQ(failed, 1U);  // the one that met it; all later ones went elsewhere
  pass(1);
  EXPECT_EQ(known(1).volumesFailed,
            first ? (std::vector<bool>{true, false}) : (std::vector<bool>{false, true}));
  EXPECT_TRUE(known(1).removed.contains(key(1)));
  EXPECT_CODE(Code::UNAVAILABLE, read(1, key(1)));
  EXPECT_EQ(read(1, key(7)).value(), chunk.plain);
}

// A disk that has turned read-only has the most free space for ever.
TEST_F(Damage, AVolumeThatTakesNothingNewDoesNotKeepWritersFromTheOther) {
  startNodes(1, 2);
  machine(1).faulty[0]->inject({.op = io::DiskOp::CREATE, .forever = true, .errnum = EROFS});
  const auto chunk = makeChunk(3000);
  for (std::uint64_t n = 1; n < 6; ++n) ASSERT_OK(write({1}, key(n), chunk).result);
  machine(1).faulty[1]->inject({.op = io::DiskOp::CREATE, .forever = true, .errnum = EROFS});
  EXPECT_CODE(Code::IO_ERROR, write({1}, key(6), chunk).result);
  machine(1).faulty[1]->heal();
  EXPECT_OK(write({1}, key(6), chunk).result);
}

TEST_F(Damage, WithoutAnyVolumeTheDatanodeGivesUpAndSaysWhy) {
  startNodes(1);
  auto fatal = machine(1).server->onFatal();
  machine(1).faulty[0]->inject({.op = io::DiskOp::SYNC, .forever = true, .errnum = EIO});
  EXPECT_FALSE(write({1}, key(1), makeChunk(3000)).result.has_value());
  EXPECT_EQ(wait(kj::mv(fatal)).code(), Code::IO_ERROR);
}

}  // namespace
}  // namespace cairn::dn
