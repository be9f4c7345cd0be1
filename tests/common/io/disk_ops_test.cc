#include "common/io/disk_ops.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "common/io/faulty_disk.h"
#include "common/io/memory_disk.h"
#include "tests/testkit/results.h"

namespace cairn::io {
namespace {

std::string contentOf(Disk& disk, std::string_view path) {
  return readWholeFile(disk, path, 1000).value_or("(unreadable)");
}

// The rule that identity files, masters of recovery, live by: whatever call fails, and whatever
// the crash after it keeps, the file is the old one or the new one, whole. And success is durable.
TEST(DiskOpsTest, AtomicWriteIsAtomic) {
  constexpr DiskOp STEPS[] = {DiskOp::CREATE, DiskOp::WRITE, DiskOp::SYNC, DiskOp::RENAME,
                              DiskOp::SYNC_DIR};
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Random random(seed);
    MemoryDisk memory;
    FaultyDisk disk(memory);
    ASSERT_OK(disk.makeDirs("d"));
    ASSERT_OK(disk.syncDir(""));
    ASSERT_OK(writeFileAtomically(disk, "d/f", asBytes("old")));
    const bool failing = random.chance(0.8);
    if (failing) disk.inject({.op = STEPS[random.below(std::size(STEPS))], .errnum = EIO});
    const auto result = writeFileAtomically(disk, "d/f", asBytes("brand new"));
    EXPECT_EQ(failing, !result.has_value());
    memory.crash(random.chance(0.5) ? CrashLoss::ALL_UNSYNCED : CrashLoss::RANDOM_SUFFIX, random);
    const std::string content = contentOf(memory, "d/f");
    if (result) {
      EXPECT_EQ("brand new", content) << "seed " << seed;
    } else {
      EXPECT_TRUE(content == "old" || content == "brand new") << "seed " << seed << ": " << content;
    }
    // And the next write works, whatever was left lying about.
    disk.heal();
    ASSERT_OK(writeFileAtomically(disk, "d/f", asBytes("third"))) << "seed " << seed;
    EXPECT_EQ("third", contentOf(memory, "d/f"));
  }
}

// A file that grew without bound must not be read into memory.
TEST(DiskOpsTest, ReadWholeFileHasALimit) {
  MemoryDisk disk;
  ASSERT_OK(writeFileAtomically(disk, "f", asBytes("12345")));
  EXPECT_EQ("12345", readWholeFile(disk, "f", 5).value_or(""));
  EXPECT_MESSAGE("memory:/f has 5 bytes; at most 4 are expected", readWholeFile(disk, "f", 4));
  EXPECT_CODE(Code::NOT_FOUND, readWholeFile(disk, "g", 4));
}

// A truncated file is damage, not success with fewer bytes.
TEST(DiskOpsTest, ReadExactlyNeedsAllBytes) {
  MemoryDisk disk;
  ASSERT_OK(writeFileAtomically(disk, "f", asBytes("12345")));
  ASSERT_VALUE(auto file, disk.open("f", OpenMode::READ));
  std::array<std::byte, 3> buffer;
  EXPECT_OK(readExactlyAt(*file, 2, buffer));
  EXPECT_EQ("345", asText(buffer));
  const auto result = readExactlyAt(*file, 3, buffer);
  EXPECT_CODE(Code::CORRUPT, result);
  EXPECT_MESSAGE("memory:/f ends at byte 5; bytes 3 to 6 were expected", result);
}

// A fresh directory that vanishes with the power takes what was put into it along.
TEST(DiskOpsTest, MakeDirsDurably) {
  MemoryDisk disk;
  Random random(1);
  ASSERT_OK(disk.makeDirs("lost/below"));
  ASSERT_OK(makeDirsDurably(disk, "a/b/c"));
  disk.crash(CrashLoss::ALL_UNSYNCED, random);
  EXPECT_TRUE(disk.exists("a/b/c").value());
  ASSERT_OK(disk.makeDirs("x/y/z"));
  disk.crash(CrashLoss::ALL_UNSYNCED, random);
  EXPECT_FALSE(disk.exists("x").value());
}

TEST(DiskOpsTest, RemoveTree) {
  MemoryDisk disk;
  ASSERT_OK(disk.makeDirs("t/a/b"));
  ASSERT_OK(disk.makeDirs("t/c"));
  for (const char* path : {"t/f", "t/a/f", "t/a/b/f", "u"}) {
    ASSERT_OK(disk.open(path, OpenMode::CREATE));
  }
  ASSERT_OK(removeTree(disk, "t"));
  EXPECT_FALSE(disk.exists("t").value());
  EXPECT_TRUE(disk.exists("u").value());
  EXPECT_OK(removeTree(disk, "t"));  // nothing there
  EXPECT_OK(removeTree(disk, "u"));  // a file
  EXPECT_FALSE(disk.exists("u").value());
}

}  // namespace
}  // namespace cairn::io
