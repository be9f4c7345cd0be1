#include "common/io/faulty_disk.h"

#include <gtest/gtest.h>

#include <array>
#include <cerrno>

#include "common/io/disk_ops.h"
#include "common/io/memory_disk.h"
#include "tests/testkit/results.h"

namespace cairn::io {
namespace {

class FaultyDiskTest : public ::testing::Test {
protected:
  std::unique_ptr<File> create(std::string_view path) {
    auto file = disk.open(path, OpenMode::CREATE);
    EXPECT_OK(file);
    return *std::move(file);
  }

  MemoryDisk memory;
  FaultyDisk disk{memory};
};

// A failed sync kills the open file, for good and for every call: nothing read from it afterwards,
// and no second sync, says anything about the disk (ATC'20).
TEST_F(FaultyDiskTest, FailedSyncKillsTheFile) {
  auto file = create("f");
  ASSERT_OK(file->append(asBytes("abc")));
  disk.inject({.op = DiskOp::SYNC, .errnum = EIO});
  EXPECT_MESSAGE("sync memory:/f: Input/output error", file->sync());
  EXPECT_TRUE(file->dead());
  const std::string why = ": an earlier sync of this open file failed; it is out of use";
  std::array<std::byte, 1> buffer;
  EXPECT_MESSAGE("sync memory:/f" + why, file->sync());
  EXPECT_MESSAGE("read memory:/f" + why, file->readAt(0, buffer));
  EXPECT_MESSAGE("write memory:/f" + why, file->writeAt(0, asBytes("x")));
  EXPECT_MESSAGE("append to memory:/f" + why, file->append(asBytes("x")));
  EXPECT_MESSAGE("truncate memory:/f" + why, file->truncate(0));
  EXPECT_MESSAGE("size of memory:/f" + why, file->size());

  // The bytes are as undurable as the error said.
  ASSERT_OK(memory.syncDir(""));
  Random random(1);
  memory.crash(CrashLoss::ALL_UNSYNCED, random);
  EXPECT_EQ("", readWholeFile(memory, "f", 100).value_or("?"));
}

// As of a bad sector.
TEST_F(FaultyDiskTest, AByteThatCannotBeReadFailsTheReadsThatWantIt) {
  auto file = create("f");
  ASSERT_OK(file->append(asBytes("abcdef")));
  disk.inject({.op = DiskOp::READ, .forever = true, .errnum = EIO, .byte = 3});
  std::array<std::byte, 3> buffer;
  EXPECT_OK(file->readAt(0, buffer));
  EXPECT_OK(file->readAt(4, buffer));
  for (const std::uint64_t at : {1, 2, 3}) EXPECT_CODE(Code::IO_ERROR, file->readAt(at, buffer));
}

// A failed write leaves the file usable: a full disk may have room again.
TEST_F(FaultyDiskTest, FailedWriteDoesNotKill) {
  auto file = create("f");
  disk.inject({.op = DiskOp::WRITE, .errnum = ENOSPC});
  EXPECT_CODE(Code::DISK_FULL, file->append(asBytes("abc")));
  EXPECT_FALSE(file->dead());
  EXPECT_OK(file->append(asBytes("abc")));
  EXPECT_EQ(3u, file->size().value_or(0));
}

// "The nth of a kind": how a test walks a scenario failure by failure.
TEST_F(FaultyDiskTest, FailsTheNth) {
  disk.inject({.op = DiskOp::CREATE, .nth = 2, .errnum = EROFS});
  EXPECT_OK(disk.open("a", OpenMode::CREATE));
  EXPECT_CODE(Code::IO_ERROR, disk.open("b", OpenMode::CREATE));
  EXPECT_OK(disk.open("b", OpenMode::CREATE));
  EXPECT_EQ(3u, disk.count(DiskOp::CREATE));
  EXPECT_EQ(0u, disk.count(DiskOp::OPEN));
  EXPECT_OK(disk.open("b", OpenMode::READ));
  EXPECT_EQ(1u, disk.count(DiskOp::OPEN));
}

// A disk that stays broken, seen through one path only; heal() mends it.
TEST_F(FaultyDiskTest, FailsForeverOnAPath) {
  disk.inject({.op = DiskOp::CREATE, .nth = 2, .forever = true, .pathContains = "bad"});
  EXPECT_OK(disk.open("bad1", OpenMode::CREATE));
  EXPECT_OK(disk.open("good1", OpenMode::CREATE));
  EXPECT_CODE(Code::IO_ERROR, disk.open("bad2", OpenMode::CREATE));
  EXPECT_CODE(Code::IO_ERROR, disk.open("bad3", OpenMode::CREATE));
  EXPECT_OK(disk.open("good2", OpenMode::CREATE));
  disk.heal();
  EXPECT_OK(disk.open("bad2", OpenMode::CREATE));
}

// Half a write, half a read: what a power cut or a truncated file looks like to the caller.
TEST_F(FaultyDiskTest, ShortWritesAndReads) {
  auto file = create("f");
  disk.inject({.op = DiskOp::WRITE, .errnum = EIO, .shortBytes = 4});
  const std::array<ByteView, 2> parts{asBytes("abc"), asBytes("def")};
  EXPECT_CODE(Code::IO_ERROR, file->append(parts));
  EXPECT_EQ("abcd", readWholeFile(memory, "f", 100).value_or("?"));

  disk.inject({.op = DiskOp::READ, .errnum = 0, .shortBytes = 2});
  std::array<std::byte, 4> buffer;
  EXPECT_EQ(2u, file->readAt(0, buffer).value_or(99));
  disk.inject({.op = DiskOp::READ});
  EXPECT_CODE(Code::IO_ERROR, file->readAt(0, buffer));
}

// A full disk refuses what needs room and nothing else: removing must go on working.
TEST_F(FaultyDiskTest, FullDisk) {
  auto file = create("f");
  ASSERT_OK(file->append(asBytes("abc")));
  ASSERT_OK(disk.makeDirs("d"));
  disk.setFull(true);
  EXPECT_MESSAGE("write memory:/f: No space left on device", file->append(asBytes("d")));
  EXPECT_OK(file->writeAt(0, asBytes("A")));  // no growth
  EXPECT_CODE(Code::DISK_FULL, file->writeAt(2, asBytes("xy")));
  EXPECT_CODE(Code::DISK_FULL, disk.open("g", OpenMode::CREATE));
  EXPECT_CODE(Code::DISK_FULL, disk.makeDirs("e"));
  EXPECT_OK(disk.makeDirs("d"));
  EXPECT_EQ(0u, disk.space().value().freeBytes);
  EXPECT_OK(file->sync());
  EXPECT_OK(disk.remove("f"));
  disk.setFull(false);
  EXPECT_OK(disk.open("g", OpenMode::CREATE));
}

// Every other kind of operation can be failed too; a kind that slipped through would leave its
// error paths untested everywhere.
TEST_F(FaultyDiskTest, EveryKindCanFail) {
  auto file = create("f");
  const auto failNext = [&](DiskOp op) { disk.inject({.op = op, .nth = 1, .errnum = EIO}); };
  failNext(DiskOp::SIZE);
  EXPECT_CODE(Code::IO_ERROR, file->size());
  failNext(DiskOp::TRUNCATE);
  EXPECT_CODE(Code::IO_ERROR, file->truncate(0));
  failNext(DiskOp::OPEN);
  EXPECT_CODE(Code::IO_ERROR, disk.open("f", OpenMode::READ));
  failNext(DiskOp::RENAME);
  EXPECT_CODE(Code::IO_ERROR, disk.rename("f", "g"));
  failNext(DiskOp::REMOVE);
  EXPECT_CODE(Code::IO_ERROR, disk.remove("f"));
  failNext(DiskOp::LIST);
  EXPECT_CODE(Code::IO_ERROR, disk.list(""));
  failNext(DiskOp::MAKE_DIRS);
  EXPECT_CODE(Code::IO_ERROR, disk.makeDirs("d"));
  failNext(DiskOp::SYNC_DIR);
  EXPECT_CODE(Code::IO_ERROR, disk.syncDir(""));
  failNext(DiskOp::STAT);
  EXPECT_CODE(Code::IO_ERROR, disk.statIfExists("f"));
  failNext(DiskOp::SPACE);
  EXPECT_CODE(Code::IO_ERROR, disk.space());
  failNext(DiskOp::LOCK);
  EXPECT_CODE(Code::IO_ERROR, disk.lock("l"));
  EXPECT_TRUE(memory.exists("f").value());
}

}  // namespace
}  // namespace cairn::io
