// Protects replicas that nobody reads: what their disk has changed is found and told to the
// namenode, while there are good copies; and that nobody is in scrubbing's way, nor it in theirs.
#include "datanode/duty/scrubbing.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "tests/datanode/fakes/fixture.h"

namespace cairn::dn {
namespace {

using fakes::DatanodeTest;
using fakes::key;
using fakes::makeChunk;
using fakes::ResumePoint;

constexpr std::uint32_t PERIOD_MS = 100'000;

class ScrubbingTest : public DatanodeTest {
protected:
  ScrubbingTest() {
    options.scrub = {.periodMs = PERIOD_MS, .bytesPerSecondMax = 1 << 20};
    // What the namenode asks for the datanode's answer to, it asks soon.
    master.heartbeatMs = 1'000;
  }
  // One replica each.
  void writeAll(std::uint64_t count, const fakes::TestChunk& chunk) {
    for (std::uint64_t i = 1; i <= count; ++i) ASSERT_OK(write({1}, key(i), chunk).result);
  }
  // Of the replica, when all were written alike.
  std::string pathOf(ReplicaKey at, const fakes::TestChunk& chunk) {
    for (const auto& path : filesBelow(machine(1), "final")) {
      const auto name = parseFinalName(io::baseNameOf(path));
      if (name && name->key == at && name->length == chunk.plain.size()) return path;
    }
    return "";
  }
  wire::ReplicaState toldOf(ReplicaKey at) { return known(1).replicas.at(at).state; }
  void reboot() {
    ASSERT_OK(boot(machine(1)));
    waitRegistered(machine(1));
  }
  std::uint64_t counted(const std::string& name, unsigned volume = 1) {
    return loop.metrics.counter("cairn_datanode_" + name, helpOf(name), labels(volume)).value();
  }
  std::int64_t gauge(const std::string& name, unsigned volume = 1) {
    return loop.metrics.gauge("cairn_datanode_" + name, helpOf(name), labels(volume)).value();
  }
  static metrics::Labels labels(unsigned volume) { return {{"volume", std::to_string(volume)}}; }
  // As it stands in the registry.
  std::string helpOf(const std::string& name) {
    const auto text = loop.metrics.exposition();
    const auto line = "# HELP cairn_datanode_" + name + " ";
    const auto at = text.find(line);
    EXPECT_NE(at, std::string::npos) << name;
    const auto begin = at + line.size();
    return text.substr(begin, text.find('\n', begin) - begin);
  }
};

TEST_F(ScrubbingTest, AFlippedBitInAReplicaThatNobodyReadsIsFoundAndTold) {
  startNodes(1);
  const auto chunk = makeChunk(3000);
  writeAll(5, chunk);
  const auto size = machine(1).disks[0]->statIfExists(pathOf(key(2), chunk)).value()->sizeBytes;
  // Of a header, a frame and a trailer.
  ASSERT_OK(machine(1).disks[0]->flipBit(pathOf(key(2), chunk), 8 * 20));
  ASSERT_OK(machine(1).disks[0]->flipBit(pathOf(key(3), chunk), 8 * 500));
  ASSERT_OK(machine(1).disks[0]->flipBit(pathOf(key(5), chunk), 8 * (size - 30)));
  pass(PERIOD_MS + PERIOD_MS / 10);
  for (std::uint64_t i = 1; i <= 5; ++i) {
    const bool damaged = i == 2 || i == 3 || i == 5;
    EXPECT_EQ(toldOf(key(i)), damaged ? wire::ReplicaState::DAMAGED : wire::ReplicaState::FINAL)
        << i;
  }
  // The namenode alone knows whether they can be done without.
  EXPECT_EQ(filesBelow(machine(1), "final").size(), 5U);
  EXPECT_TRUE(filesBelow(machine(1), "quarantine").empty());
  EXPECT_EQ(counted("scrub_damaged_total"), 3U);
  EXPECT_GE(counted("scrubbed_replicas_total"), 5U);
}

// Nothing else would have told: the same, switched off.
TEST_F(ScrubbingTest, SwitchedOffItReadsNothing) {
  options.scrub.periodMs = 0;
  startNodes(1);
  const auto chunk = makeChunk(3000);
  writeAll(1, chunk);
  ASSERT_OK(machine(1).disks[0]->flipBit(pathOf(key(1), chunk), 8 * 500));
  const auto reads = machine(1).faulty[0]->count(io::DiskOp::READ);
  pass(3 * PERIOD_MS);
  EXPECT_EQ(toldOf(key(1)), wire::ReplicaState::FINAL);
  EXPECT_EQ(machine(1).faulty[0]->count(io::DiskOp::READ), reads);
}

TEST_F(ScrubbingTest, AFileThatIsGoneIsTold) {
  startNodes(1);
  const auto chunk = makeChunk(3000);
  writeAll(2, chunk);
  ASSERT_OK(machine(1).disks[0]->remove(pathOf(key(2), chunk)));
  pass(PERIOD_MS + PERIOD_MS / 10);
  EXPECT_TRUE(known(1).damaged.contains(key(2)));
  EXPECT_EQ(counted("scrub_damaged_total"), 1U);
}

// As in a verification, what cannot be read is damaged; when it reads well again it is not.
TEST_F(ScrubbingTest, AnUnreadableReplicaIsTold) {
  startNodes(1);
  const auto chunk = makeChunk(3000);
  writeAll(2, chunk);
  machine(1).faulty[0]->inject({.op = io::DiskOp::READ,
                                .forever = true,
                                .pathContains = pathOf(key(2), chunk),
                                .errnum = EIO});
  pass(PERIOD_MS + PERIOD_MS / 10);
  EXPECT_EQ(toldOf(key(1)), wire::ReplicaState::FINAL);
  EXPECT_EQ(toldOf(key(2)), wire::ReplicaState::DAMAGED);
  machine(1).faulty[0]->heal();
  pass(PERIOD_MS);
  EXPECT_EQ(toldOf(key(2)), wire::ReplicaState::FINAL);
}

TEST_F(ScrubbingTest, AVolumeOutOfServiceIsLeftAloneAndTheOtherIsRead) {
  startNodes(1, 2);
  const auto chunk = makeChunk(3000);
  ASSERT_OK(write({1}, key(1), chunk).result);
  const bool first = !filesBelow(machine(1), "final").empty();
  machine(1).faulty[first ? 0 : 1]->inject(
      {.op = io::DiskOp::SYNC, .forever = true, .errnum = EIO});
  for (std::uint64_t n = 2; n < 8; ++n) (void)write({1}, key(n), chunk);
  pass(PERIOD_MS / 10);
  const auto opened = machine(1).faulty[first ? 0 : 1]->count(io::DiskOp::OPEN);
  const auto before = counted("scrubbed_replicas_total", first ? 2 : 1);
  pass(3 * PERIOD_MS);
  EXPECT_EQ(machine(1).faulty[first ? 0 : 1]->count(io::DiskOp::OPEN), opened);
  EXPECT_GT(counted("scrubbed_replicas_total", first ? 2 : 1), before + 5);
  EXPECT_EQ(counted("scrub_damaged_total", 1) + counted("scrub_damaged_total", 2), 0U);
}

TEST_F(ScrubbingTest, ARestartGoesOnWithThePass) {
  options.scrub.periodMs = 1'000'000;
  startNodes(1);
  writeAll(10, makeChunk(3000));
  pass(550'000);
  const auto read = counted("scrubbed_replicas_total");
  EXPECT_GE(read, 4U);
  EXPECT_LE(read, 6U);
  EXPECT_GT(gauge("scrub_left_bytes"), 0);
  crash(machine(1), io::CrashLoss::ALL_UNSYNCED);
  reboot();
  pass(550'000);
  EXPECT_EQ(counted("scrub_passes_total"), 1U);
  // A minute's reading may have been done twice; each replica's turn takes longer.
  EXPECT_LE(counted("scrubbed_replicas_total"), 12U);
  EXPECT_GE(counted("scrubbed_replicas_total"), 10U);
}

// Protects the start from a note that rotted, or that a newer program wrote.
TEST_F(ScrubbingTest, ANoteThatCannotBeReadBeginsANewPass) {
  startNodes(1);
  writeAll(3, makeChunk(3000));
  pass(PERIOD_MS / 2);
  auto& disk = *machine(1).disks[0];
  ASSERT_TRUE(disk.exists(SCRUB_NOTE_FILE).value());
  const auto before = counted("scrubbed_replicas_total");
  for (const bool unreadable : {false, true}) {
    crash(machine(1), io::CrashLoss::ALL_UNSYNCED);
    ASSERT_OK(disk.flipBit(SCRUB_NOTE_FILE, 8 * 25));
    if (unreadable) {
      machine(1).faulty[0]->inject(
          {.op = io::DiskOp::READ, .pathContains = std::string(SCRUB_NOTE_FILE), .errnum = EIO});
    }
    reboot();
    pass(PERIOD_MS + PERIOD_MS / 5);
  }
  EXPECT_GE(counted("scrubbed_replicas_total"), before + 6);
  EXPECT_EQ(counted("scrub_damaged_total"), 0U);
}

// A full disk is no damage: it is read all the same.
TEST_F(ScrubbingTest, OnAFullDiskItGoesOnWithoutANote) {
  startNodes(1);
  const auto chunk = makeChunk(3000);
  writeAll(3, chunk);
  machine(1).faulty[0]->setFull(true);
  ASSERT_OK(machine(1).disks[0]->flipBit(pathOf(key(3), chunk), 8 * 500));
  pass(PERIOD_MS + PERIOD_MS / 10);
  EXPECT_EQ(toldOf(key(3)), wire::ReplicaState::DAMAGED);
  EXPECT_EQ(known(1).volumesFailed, std::vector<bool>{false});
  machine(1).faulty[0]->setFull(false);
  pass(PERIOD_MS);
  EXPECT_TRUE(machine(1).disks[0]->exists(SCRUB_NOTE_FILE).value());
}

// Protects the disk's other users, though all is always due.
TEST_F(ScrubbingTest, TheRateIsBounded) {
  options.scrub.periodMs = 1;
  chunkSize = 4 << 20;
  startNodes(1);
  ASSERT_OK(write({1}, key(1), makeChunk(3 << 20, 1, 64 << 10)).result);
  pass(5'000);
  const auto before = counted("scrubbed_bytes_total");
  pass(20'000);
  const auto read = counted("scrubbed_bytes_total") - before;
  EXPECT_LE(read, std::uint64_t{20} << 20);
  EXPECT_GE(read, std::uint64_t{16} << 20);
}

// Protects readers: files that they have open stay open, those that scrubbing opens do not.
TEST_F(ScrubbingTest, ReadersFilesStayOpen) {
  startNodes(1);
  const auto chunk = makeChunk(3000);
  writeAll(2, chunk);
  ASSERT_OK(read(1, key(1)));
  pass(PERIOD_MS + PERIOD_MS / 10);
  EXPECT_GE(counted("scrubbed_replicas_total"), 2U);
  machine(1).faulty[0]->inject({.op = io::DiskOp::OPEN, .forever = true, .errnum = EMFILE});
  EXPECT_EQ(read(1, key(1)).value(), chunk.plain);
  EXPECT_FALSE(read(1, key(2)).has_value());
}

// Protects good replicas from a process that has no descriptor left.
TEST_F(ScrubbingTest, TooManyOpenFilesAreNoDamage) {
  startNodes(1);
  writeAll(2, makeChunk(3000));
  machine(1).faulty[0]->inject({.op = io::DiskOp::OPEN, .forever = true, .errnum = EMFILE});
  pass(2 * PERIOD_MS);
  EXPECT_EQ(counted("scrubbed_replicas_total"), 0U);
  EXPECT_EQ(counted("scrub_damaged_total"), 0U);
  EXPECT_TRUE(known(1).damaged.empty());
}

// Protects clients: while one waits for the disk, the next piece is not even queued. And scrubbing,
// on a disk where somebody always does.
TEST_F(ScrubbingTest, ItYieldsToThoseWhoWaitButNotForEver) {
  options.scrub.periodMs = 1;  // the next replica is always due
  master.heartbeatMs = 60'000;
  startNodes(1);
  ASSERT_OK(write({1}, key(1), makeChunk(3000)).result);
  pass(10'000);
  EXPECT_GT(counted("scrubbed_replicas_total"), 50U);
  auto& pool = machine(1).pool;
  pool.hold();
  auto request = clientOf(1).readRequest();
  request.getChunk().setId(key(1).chunk.value);
  request.getChunk().setGeneration(1);
  request.setLength(100);
  request.setNode(machine(1).server->node().value);
  auto reading = kj::Promise<capnp::Response<wire::Datanode::ReadResults>>(request.send());
  loop.settle();
  const auto held = pool.heldJobs();
  ASSERT_GE(held, 1U);
  constexpr std::uint32_t YIELDS_MS = Scrubbing::YIELD_MS * Scrubbing::YIELDS_MAX;
  pass(YIELDS_MS - 1);
  EXPECT_EQ(pool.heldJobs(), held);
  pass(YIELDS_MS);
  EXPECT_EQ(pool.heldJobs(), held + 1);
  pool.release();
  EXPECT_GT(wait(kj::mv(reading)).getPlainLength(), 0U);
}

// Protects replicas from being told damaged because they were cut, or went, between two pieces.
TEST_F(ScrubbingTest, WhatChangesMeanwhileIsNoDamage) {
  options.scrub.periodMs = 1'000;
  chunkSize = 8 << 20;
  startNodes(1);
  pass(1'000);
  const auto chunk = makeChunk(6 << 20, 1, 64 << 10);
  for (std::uint64_t i = 1; i <= 2; ++i) {
    ASSERT_OK(write({1}, key(i), chunk).result);
    // It has read the first piece, and rests for a second before the next.
    const auto replicas = counted("scrubbed_replicas_total");
    const auto before = counted("scrubbed_bytes_total");
    for (int ms = 0; ms < 5'000 && counted("scrubbed_bytes_total") == before; ++ms) pass(1);
    ASSERT_GT(counted("scrubbed_bytes_total"), before);
    if (i == 1) {
      const ResumePoint resume{.generation = 1, .length = chunk.packets[1].offset};
      ASSERT_VALUE(auto writer, openWriter({1}, key(i, 2), chunk, nullptr, resume));
      pass(5'000);
    } else {
      known(1).orders.push_back([&](wire::Command::Builder command) {
        auto chunks = command.initDeleteReplicas(1);
        chunks[0].setId(key(i).chunk.value);
        chunks[0].setGeneration(1);
      });
      pass(5'000);
    }
    EXPECT_EQ(counted("scrubbed_replicas_total"), replicas);
    EXPECT_EQ(counted("scrub_damaged_total"), 0U);
    EXPECT_TRUE(known(1).damaged.empty());
  }
  EXPECT_TRUE(known(1).removed.contains(key(2)));
}

}  // namespace
}  // namespace cairn::dn
