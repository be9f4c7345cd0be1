// Crash semantics of the memory disk, case by case. The simulator's verdicts rest on them.
#include "common/io/memory_disk.h"

#include <gtest/gtest.h>

#include <set>

#include "common/io/disk_ops.h"
#include "tests/testkit/results.h"

namespace cairn::io {
namespace {

class MemoryDiskTest : public ::testing::Test {
protected:
  std::unique_ptr<File> create(std::string_view path, std::string_view content = "") {
    auto file = disk.open(path, OpenMode::CREATE);
    EXPECT_OK(file);
    EXPECT_OK((*file)->append(asBytes(content)));
    return *std::move(file);
  }
  // A file that survives any crash.
  std::unique_ptr<File> createDurably(std::string_view path, std::string_view content) {
    auto file = create(path, content);
    EXPECT_OK(file->sync());
    EXPECT_OK(disk.syncDir(parentOf(path)));
    return file;
  }
  void losePower() { disk.crash(CrashLoss::ALL_UNSYNCED, random); }
  std::string contentOf(std::string_view path) {
    return readWholeFile(disk, path, 1 << 20).value_or("(none)");
  }

  MemoryDisk disk;
  Random random{1};
};

// Bytes without a sync are lost, those before it stay.
TEST_F(MemoryDiskTest, UnsyncedBytesAreLost) {
  auto file = createDurably("f", "durable");
  ASSERT_OK(file->append(asBytes(" and not")));
  ASSERT_OK(file->writeAt(0, asBytes("D")));
  EXPECT_EQ("Durable and not", contentOf("f"));
  losePower();
  EXPECT_EQ("durable", contentOf("f"));
}

// A cut is undone like any write.
TEST_F(MemoryDiskTest, UnsyncedTruncationIsUndone) {
  auto file = createDurably("f", "abcdef");
  ASSERT_OK(file->truncate(2));
  losePower();
  EXPECT_EQ("abcdef", contentOf("f"));
}

// A name without syncDir is lost although its bytes were synced: the error this disk exists to
// find. And the reverse: a durable name of a file that was never synced is an empty file.
TEST_F(MemoryDiskTest, NamesNeedSyncDir) {
  ASSERT_OK(create("f", "abc")->sync());
  create("g", "abc");
  losePower();
  EXPECT_EQ("(none)", contentOf("f"));

  create("g", "abc");
  ASSERT_OK(disk.syncDir(""));
  losePower();
  EXPECT_EQ("", contentOf("g"));
}

// A directory that was not synced in its parent takes everything below with it.
TEST_F(MemoryDiskTest, DirectoriesNeedTheirParentSynced) {
  ASSERT_OK(disk.makeDirs("a/b"));
  createDurably("a/b/f", "x");
  ASSERT_OK(disk.syncDir("a"));
  losePower();
  EXPECT_FALSE(disk.exists("a").value());
}

// Unsynced renames and removals are undone.
TEST_F(MemoryDiskTest, UnsyncedRenameAndRemoveAreUndone) {
  createDurably("f", "f");
  createDurably("g", "g");
  createDurably("h", "h");
  ASSERT_OK(disk.rename("f", "g"));
  ASSERT_OK(disk.remove("h"));
  losePower();
  EXPECT_EQ("f", contentOf("f"));
  EXPECT_EQ("g", contentOf("g"));
  EXPECT_EQ("h", contentOf("h"));
}

// A rename between directories is one step: syncing either side makes both durable, so no crash
// shows the file twice or nowhere. This is what rbw -> final relies on.
TEST_F(MemoryDiskTest, RenameAcrossDirectoriesIsAtomic) {
  for (const char* synced : {"rbw", "final"}) {
    SCOPED_TRACE(synced);
    ASSERT_OK(makeDirsDurably(disk, "rbw"));
    ASSERT_OK(makeDirsDurably(disk, "final"));
    // The creation itself is not synced: it must come along with the rename.
    ASSERT_OK(create("rbw/1", "x")->sync());
    ASSERT_OK(disk.rename("rbw/1", "final/1"));
    ASSERT_OK(disk.syncDir(synced));
    losePower();
    EXPECT_EQ("(none)", contentOf("rbw/1"));
    EXPECT_EQ("x", contentOf("final/1"));
    // Nor does a later sync of the other side bring the old name back.
    ASSERT_OK(disk.remove("final/1"));
    ASSERT_OK(create("rbw/1", "y")->sync());
    ASSERT_OK(disk.rename("rbw/1", "final/1"));
    ASSERT_OK(disk.syncDir("final"));
    ASSERT_OK(disk.syncDir("rbw"));
    losePower();
    EXPECT_EQ("(none)", contentOf("rbw/1"));
    EXPECT_EQ("y", contentOf("final/1"));
    ASSERT_OK(disk.remove("final/1"));
    ASSERT_OK(disk.syncDir("final"));
  }
}

// A sync of one directory does not help another one.
TEST_F(MemoryDiskTest, SyncDirConcernsOneDirectory) {
  ASSERT_OK(makeDirsDurably(disk, "a"));
  ASSERT_OK(makeDirsDurably(disk, "b"));
  ASSERT_OK(create("a/f", "x")->sync());
  ASSERT_OK(disk.syncDir("b"));
  losePower();
  EXPECT_FALSE(disk.exists("a/f").value());
}

// kill -9 loses nothing, but what it left unsynced is still lost by a later power cut.
TEST_F(MemoryDiskTest, ProcessDeathLosesNothing) {
  auto file = createDurably("f", "abc");
  ASSERT_OK(file->append(asBytes("def")));
  create("g", "x");
  create("h", "y");
  disk.crash(CrashLoss::NOTHING, random);
  EXPECT_EQ("abcdef", contentOf("f"));
  EXPECT_EQ("x", contentOf("g"));
  // A successor can still make durable what it finds.
  ASSERT_OK(disk.open("h", OpenMode::READ).value()->sync());
  ASSERT_OK(disk.rename("h", "i"));
  ASSERT_OK(disk.syncDir(""));
  ASSERT_OK(disk.remove("g"));
  create("j", "z");
  disk.crash(CrashLoss::NOTHING, random);
  losePower();
  EXPECT_EQ("abc", contentOf("f"));
  EXPECT_EQ("", contentOf("g"));  // its name was synced along with i's, its bytes never
  EXPECT_EQ("y", contentOf("i"));
  EXPECT_EQ("(none)", contentOf("j"));
}

// What was open before a crash belongs to a dead process: it must neither write nor hold locks.
TEST_F(MemoryDiskTest, HandlesDieInACrash) {
  for (const auto loss : {CrashLoss::NOTHING, CrashLoss::ALL_UNSYNCED, CrashLoss::RANDOM_SUFFIX}) {
    auto file = createDurably("f", "abc");
    ASSERT_VALUE(auto lock, disk.lock("lock"));
    disk.crash(loss, random);
    EXPECT_MESSAGE("memory:/f: opened before a crash", file->append(asBytes("x")));
    EXPECT_CODE(Code::IO_ERROR, file->sync());
    EXPECT_EQ("abc", contentOf("f"));
    ASSERT_VALUE(auto next, disk.lock("lock"));
    lock.reset();  // the dead holder's end does not release the new lock
    EXPECT_CODE(Code::IN_USE, disk.lock("lock"));
    next.reset();
    ASSERT_OK(disk.remove("f"));
  }
}

// A random crash must really produce each kind of half-done state, torn writes included.
TEST_F(MemoryDiskTest, RandomSuffixReachesEveryState) {
  std::set<std::string> contents;
  for (int i = 0; i < 400; ++i) {
    auto file = createDurably("f", "-");
    ASSERT_OK(file->append(asBytes("ab")));
    ASSERT_OK(file->append(asBytes("cd")));
    disk.crash(CrashLoss::RANDOM_SUFFIX, random);
    contents.insert(contentOf("f"));
    ASSERT_OK(disk.remove("f"));
    ASSERT_OK(disk.syncDir(""));
  }
  EXPECT_EQ((std::set<std::string>{"-", "-a", "-ab", "-abc", "-abcd"}), contents);
}

// The same seed gives the same wreck, else no simulator run could be repeated.
TEST_F(MemoryDiskTest, CrashIsRepeatable) {
  const auto wreck = [](std::uint64_t seed) {
    MemoryDisk disk;
    Random random(seed);
    std::string state;
    for (int round = 0; round < 5; ++round) {
      for (int i = 0; i < 10; ++i) {
        auto file = disk.open("f" + std::to_string(round) + std::to_string(i), OpenMode::CREATE);
        EXPECT_OK((*file)->append(asBytes("some bytes to tear")));
        if (i % 3 == 0) EXPECT_OK((*file)->sync());
      }
      disk.crash(CrashLoss::RANDOM_SUFFIX, random);
      const auto entries = disk.list("");
      for (const auto& entry : *entries) {
        state += entry.name + "=" + readWholeFile(disk, entry.name, 100).value_or("?") + "\n";
      }
    }
    return state;
  };
  EXPECT_EQ(wreck(5), wreck(5));
  EXPECT_NE(wreck(5), wreck(6));
}

// A full disk changes nothing and says so; space comes back when files go.
TEST_F(MemoryDiskTest, Capacity) {
  disk.setCapacity(10);
  auto file = create("f", "12345678");
  EXPECT_EQ(2u, disk.space().value().freeBytes);
  EXPECT_MESSAGE("write memory:/f: No space left on device", file->append(asBytes("abc")));
  EXPECT_EQ("12345678", contentOf("f"));
  EXPECT_OK(file->writeAt(0, asBytes("87654321")));
  EXPECT_OK(file->append(asBytes("ab")));
  ASSERT_OK(disk.remove("f"));
  EXPECT_EQ(10u, disk.space().value().freeBytes);
}

// A flipped bit is there for every later reader and survives syncs and crashes.
TEST_F(MemoryDiskTest, FlipBit) {
  auto file = createDurably("f", "a");
  ASSERT_OK(file->append(asBytes("b")));  // not synced yet
  ASSERT_OK(disk.flipBit("f", 1));
  ASSERT_OK(disk.flipBit("f", 8));
  EXPECT_EQ("cc", contentOf("f"));
  ASSERT_OK(file->sync());
  losePower();
  EXPECT_EQ("cc", contentOf("f"));
  EXPECT_CODE(Code::INVALID_ARGUMENT, disk.flipBit("f", 16));
}

}  // namespace
}  // namespace cairn::io
