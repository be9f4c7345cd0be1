// Protects removed replicas: they can be put back for a while, whatever is removed or written then,
// and never stand in the way of those who need their space.
#include "datanode/store/removed_files.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "common/io/disk_ops.h"
#include "common/io/faulty_disk.h"
#include "common/io/memory_disk.h"
#include "datanode/store/volume.h"
#include "tests/testkit/results.h"

namespace cairn::dn {
namespace {

constexpr std::int64_t KEEP_MS = 8'000;
const VolumeIdentity IDENTITY{.cluster = Uuid::fromHighLow(1, 2),
                              .datanode = Uuid::fromHighLow(3, 4),
                              .volume = Uuid::fromHighLow(5, 6),
                              .node = NodeId(7)};

ReplicaKey key(std::uint64_t number) { return {ChunkId(number * 16), GenerationStamp(1)}; }

class RemovedFilesTest : public ::testing::Test {
protected:
  void SetUp() override { start(); }

  // Another life of the datanode.
  void start() {
    volume = nullptr;
    ASSERT_VALUE(volume, Volume::open(disk, {.keepRemovedMs = KEEP_MS, .clock = &clock}));
    if (!volume->identity()) ASSERT_OK(volume->format(IDENTITY));
    ASSERT_VALUE(contents, volume->load());
  }
  FinalName put(std::uint64_t number, std::string_view text = "frames") {
    const FinalName name{key(number), text.size(), text.size()};
    EXPECT_OK(putAt(finalPathOf(name), text));
    return name;
  }
  Result<void> putAt(const std::string& path, std::string_view text) {
    ASSIGN(auto file, disk.open(path, io::OpenMode::CREATE));
    return file->append(asBytes(text));
  }
  void emptyAll() {
    while (volume->emptyRemoved(0).value()) {
    }
  }
  // How many files lie there.
  std::size_t kept() {
    std::size_t count = 0;
    const auto batches = disk.list(REMOVED_DIR);
    if (!batches.has_value()) return 0;
    for (const auto& batch : *batches) {
      count += disk.list(io::joinPath(REMOVED_DIR, batch.name)).value().size();
    }
    return count;
  }
  void restore() {
    ASSERT_OK(putAt(std::string(RESTORE_FILE), ""));
    start();
  }

  io::ManualClock clock;
  io::MemoryDisk disk{"/disk1"};
  std::unique_ptr<Volume> volume;
  VolumeContents contents;
};

TEST_F(RemovedFilesTest, TheyGoWhenTheirTimeIsOver) {
  ASSERT_OK(volume->removeReplica(finalPathOf(put(1))));
  clock.advanceMs(KEEP_MS / 2);
  ASSERT_OK(volume->removeReplica(finalPathOf(put(2))));
  clock.advanceMs(KEEP_MS / 2);
  emptyAll();
  EXPECT_EQ(kept(), 2U);
  clock.advanceMs(KEEP_MS / 8);
  emptyAll();
  EXPECT_EQ(kept(), 1U);
  clock.advanceMs(KEEP_MS);
  emptyAll();
  EXPECT_EQ(disk.list(REMOVED_DIR).value().size(), 0U);
}

TEST_F(RemovedFilesTest, ManyGoInShortSteps) {
  constexpr std::size_t COUNT = RemovedFiles::FILES_A_STEP + 5;
  for (std::uint64_t i = 1; i <= COUNT; ++i) {
    ASSERT_OK(volume->removeReplica(finalPathOf(put(i))));
  }
  clock.advanceMs(2 * KEEP_MS);
  EXPECT_TRUE(volume->emptyRemoved(0).value());
  EXPECT_EQ(kept(), 5U);
  // What is removed while that goes on has its whole time.
  ASSERT_OK(volume->removeReplica(finalPathOf(put(1))));
  emptyAll();
  EXPECT_EQ(kept(), 1U);
}

TEST_F(RemovedFilesTest, AnOperatorsWordPutsThemBack) {
  const auto first = put(1);
  const auto second = put(2);
  ASSERT_OK(putAt(rbwPathOf(key(3)), "some frames"));
  ASSERT_OK(volume->removeReplica(finalPathOf(first)));
  ASSERT_OK(volume->removeReplica(finalPathOf(second)));
  ASSERT_OK(volume->removeReplica(rbwPathOf(key(3))));
  put(2);  // copied here again: it stays
  start();
  EXPECT_EQ(contents.finals, std::vector{second});
  restore();
  EXPECT_EQ(contents.finals, (std::vector{first, second}));
  EXPECT_EQ(contents.unfinished, std::vector{key(3)});
  EXPECT_FALSE(disk.exists(RESTORE_FILE).value());
  // Once: what is removed now stays so.
  ASSERT_OK(volume->removeReplica(finalPathOf(first)));
  start();
  EXPECT_EQ(contents.finals, std::vector{second});
}

TEST_F(RemovedFilesTest, OfAnEarlierLifeTheyAreKeptAnew) {
  ASSERT_OK(volume->removeReplica(finalPathOf(put(1))));
  clock.advanceMs(KEEP_MS);
  start();
  clock.advanceMs(KEEP_MS);
  emptyAll();
  EXPECT_EQ(kept(), 1U);
  clock.advanceMs(KEEP_MS / 8);
  emptyAll();
  EXPECT_EQ(kept(), 0U);
}

TEST_F(RemovedFilesTest, TheirSpaceIsFree) {
  disk.setCapacity(2'000);
  const std::string bytes(700, 'x');
  put(1, bytes);
  const auto old = put(2, bytes);
  ASSERT_VALUE(const auto before, volume->space());
  ASSERT_OK(volume->removeReplica(finalPathOf(old)));
  ASSERT_VALUE(const auto after, volume->space());
  EXPECT_EQ(after.freeBytes, before.freeBytes + bytes.size());
  ASSERT_VALUE(auto file, volume->createUnfinished(key(3)));
  ASSERT_OK(volume->append(*file, asBytes(bytes)));
  EXPECT_EQ(kept(), 0U);
  // And then there is none.
  EXPECT_CODE(Code::DISK_FULL, volume->append(*file, asBytes(bytes)));
  EXPECT_FALSE(volume->failed());
}

TEST_F(RemovedFilesTest, AWriteThatCameInPartIsRepeatedWhole) {
  io::FaultyDisk faulty(disk);
  volume = nullptr;
  ASSERT_VALUE(volume, Volume::open(faulty, {.keepRemovedMs = KEEP_MS, .clock = &clock}));
  ASSERT_VALUE(contents, volume->load());
  ASSERT_OK(volume->removeReplica(finalPathOf(put(1))));
  ASSERT_VALUE(auto file, volume->createUnfinished(key(2)));
  ASSERT_OK(volume->append(*file, asBytes("begun, ")));
  faulty.inject({.op = io::DiskOp::WRITE, .errnum = ENOSPC, .shortBytes = 4});
  ASSERT_OK(volume->append(*file, asBytes("and gone on with")));
  EXPECT_EQ(io::readWholeFile(disk, rbwPathOf(key(2)), 100).value(), "begun, and gone on with");
  EXPECT_EQ(kept(), 0U);
}

// An operator who clears the directory by hand is no failure, and does not stop what follows.
TEST_F(RemovedFilesTest, ThatSomebodyHasClearedAwayAreGone) {
  ASSERT_OK(volume->removeReplica(finalPathOf(put(1))));
  ASSERT_OK(io::removeTree(disk, io::joinPath(REMOVED_DIR, "0")));
  const auto second = put(2);
  ASSERT_OK(volume->removeReplica(finalPathOf(second)));
  EXPECT_EQ(kept(), 1U);
  EXPECT_FALSE(disk.exists(finalPathOf(second)).value());
  ASSERT_OK(io::removeTree(disk, REMOVED_DIR));
  EXPECT_CODE(Code::NOT_FOUND, volume->removeReplica(finalPathOf(second)));
  clock.advanceMs(2 * KEEP_MS);
  ASSERT_OK(volume->removeReplica(finalPathOf(put(3))));
  ASSERT_OK(disk.makeDirs(io::joinPath(REMOVED_DIR, "0/notes")));
  ASSERT_OK(disk.makeDirs(io::joinPath(REMOVED_DIR, "007")));
  clock.advanceMs(2 * KEEP_MS);
  emptyAll();
  EXPECT_EQ(kept(), 0U);
  EXPECT_EQ(volume->space().value().freeBytes, disk.space().value().freeBytes);
  start();
}

// A disk that is unmounted under a datanode must be seen as that by its next start. Anything in the
// empty mount point would make it somebody else's directory, and stop the start of all volumes.
TEST_F(RemovedFilesTest, NothingIsMadeWhereTheDiskIsMountedNoMore) {
  const auto name = put(1);
  const auto listed = disk.list("");
  ASSERT_OK(listed);
  for (const auto& entry : *listed) {
    if (entry.name != "lock") ASSERT_OK(io::removeTree(disk, entry.name));
  }
  EXPECT_CODE(Code::NOT_FOUND, volume->removeReplica(finalPathOf(name)));
  const auto left = disk.list("");
  ASSERT_OK(left);
  EXPECT_EQ(left->size(), 1U);
  volume = nullptr;
  ASSERT_VALUE(volume, Volume::open(disk, {}));
  EXPECT_FALSE(volume->identity().has_value());
}

TEST_F(RemovedFilesTest, ArePutBackWhereADirectoryIsMissing) {
  const auto first = put(1);
  ASSERT_OK(volume->removeReplica(finalPathOf(first)));
  ASSERT_OK(io::removeTree(disk, finalDirOf(first.key.chunk)));
  restore();
  EXPECT_EQ(contents.finals, std::vector{first});
}

TEST_F(RemovedFilesTest, ADiskThatIsNearlyFullKeepsNone) {
  disk.setCapacity(1'000);
  ASSERT_OK(volume->removeReplica(finalPathOf(put(1, std::string(500, 'x')))));
  ASSERT_VALUE(const auto space, disk.space());
  EXPECT_FALSE(volume->emptyRemoved(space.freeBytes).value());
  EXPECT_EQ(kept(), 1U);
  EXPECT_FALSE(volume->emptyRemoved(space.freeBytes + 1).value());
  EXPECT_EQ(kept(), 0U);
}

}  // namespace
}  // namespace cairn::dn
