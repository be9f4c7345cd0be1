// One set of tests for every Disk: what holds on the real one must hold in the simulator, else the
// simulator proves nothing.
#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <memory>
#include <string>

#include "common/io/disk.h"
#include "common/io/disk_ops.h"
#include "common/io/faulty_disk.h"
#include "common/io/memory_disk.h"
#include "common/io/posix_disk.h"
#include "tests/common/io/temp_dir.h"
#include "tests/testkit/results.h"

namespace cairn::io {
namespace {

struct World {
  std::unique_ptr<TempDir> temp;
  std::unique_ptr<Disk> base;
  std::unique_ptr<Disk> disk;  // the one under test; null: base
};

struct Kind {
  const char* name;
  std::function<World()> make;
};

World makePosix() {
  World world;
  world.temp = std::make_unique<TempDir>();
  auto disk = PosixDisk::open(world.temp->path());
  EXPECT_OK(disk);
  world.base = *std::move(disk);
  return world;
}

World makeMemory() {
  World world;
  world.base = std::make_unique<MemoryDisk>();
  return world;
}

World makeFaulty() {
  World world = makeMemory();
  world.disk = std::make_unique<FaultyDisk>(*world.base);
  return world;
}

class DiskConformance : public ::testing::TestWithParam<Kind> {
protected:
  DiskConformance() : world_(GetParam().make()) {}

  Disk& disk() { return world_.disk ? *world_.disk : *world_.base; }
  std::unique_ptr<File> create(std::string_view path, std::string_view content = "") {
    auto file = disk().open(path, OpenMode::CREATE);
    EXPECT_OK(file);
    EXPECT_OK((*file)->append(asBytes(content)));
    return *std::move(file);
  }
  std::string contentOf(std::string_view path) {
    return readWholeFile(disk(), path, 1 << 20).value_or("(unreadable)");
  }
  std::string namesIn(std::string_view dir) {
    std::string names;
    auto entries = disk().list(dir);
    EXPECT_OK(entries);
    for (const auto& entry : *entries) names += entry.name + (entry.isDirectory ? "/ " : " ");
    return names;
  }

private:
  World world_;
};

std::string readAt(File& file, std::uint64_t offset, std::size_t count) {
  std::string buffer(count, '?');
  const auto got =
      file.readAt(offset, std::as_writable_bytes(std::span(buffer.data(), buffer.size())));
  EXPECT_OK(got);
  return buffer.substr(0, got.value_or(0));
}

// Bytes come back as written, however the writes were cut into parts; reads are short only at the
// end.
TEST_P(DiskConformance, ReadsWhatWasWritten) {
  auto file = create("f");
  const std::array<ByteView, 4> parts{asBytes("he"), asBytes(""), asBytes("llo "),
                                      asBytes("world")};
  ASSERT_OK(file->append(parts));
  ASSERT_OK(file->writeAt(0, asBytes("J")));
  ASSERT_OK(file->append(asBytes("!")));
  EXPECT_EQ("Jello world!", readAt(*file, 0, 100));
  EXPECT_EQ("world", readAt(*file, 6, 5));
  EXPECT_EQ("", readAt(*file, 12, 5));
  EXPECT_EQ("", readAt(*file, 99, 5));
  EXPECT_EQ(12u, file->size().value_or(0));
  EXPECT_OK(file->sync());
}

// More parts than one system call takes, empty ones among them.
TEST_P(DiskConformance, WritesManyParts) {
  auto file = create("f");
  std::string expected;
  std::vector<std::string> texts;
  for (int i = 0; i < 1500; ++i) texts.push_back(i % 7 == 0 ? "" : std::to_string(i));
  std::vector<ByteView> parts;
  for (const auto& text : texts) {
    parts.push_back(asBytes(text));
    expected += text;
  }
  ASSERT_OK(file->append(parts));
  ASSERT_OK(file->append(std::span<const ByteView>()));
  ASSERT_OK(file->append(asBytes("")));
  EXPECT_EQ(expected, contentOf("f"));
}

// A gap reads as zeros, and so does what truncate adds.
TEST_P(DiskConformance, GapsAndTruncation) {
  auto file = create("f", "ab");
  ASSERT_OK(file->writeAt(4, asBytes("e")));
  EXPECT_EQ(std::string("ab\0\0e", 5), contentOf("f"));
  ASSERT_OK(file->truncate(1));
  ASSERT_OK(file->truncate(3));
  EXPECT_EQ(std::string("a\0\0", 3), contentOf("f"));
  ASSERT_OK(file->append(asBytes("z")));  // at the new end
  EXPECT_EQ(std::string("a\0\0z", 4), contentOf("f"));
}

// READ_WRITE keeps the bytes and appends behind them (an append to a replica); READ cannot write.
TEST_P(DiskConformance, OpenModes) {
  create("f", "abc");
  ASSERT_VALUE(auto again, disk().open("f", OpenMode::READ_WRITE));
  ASSERT_OK(again->append(asBytes("d")));
  ASSERT_VALUE(auto reader, disk().open("f", OpenMode::READ));
  EXPECT_EQ("abcd", readAt(*reader, 0, 10));
  EXPECT_CODE(Code::IO_ERROR, reader->append(asBytes("x")));
  EXPECT_CODE(Code::IO_ERROR, reader->truncate(0));

  EXPECT_CODE(Code::ALREADY_EXISTS, disk().open("f", OpenMode::CREATE));
  EXPECT_CODE(Code::NOT_FOUND, disk().open("g", OpenMode::READ));
  EXPECT_CODE(Code::NOT_FOUND, disk().open("g", OpenMode::READ_WRITE));
  EXPECT_CODE(Code::NOT_FOUND, disk().open("d/g", OpenMode::CREATE));
  EXPECT_CODE(Code::NOT_A_DIRECTORY, disk().open("f/g", OpenMode::CREATE));
  ASSERT_OK(disk().makeDirs("d"));
  EXPECT_CODE(Code::IS_A_DIRECTORY, disk().open("d", OpenMode::READ));
  EXPECT_CODE(Code::IS_A_DIRECTORY, disk().open("d", OpenMode::READ_WRITE));
  EXPECT_CODE(Code::ALREADY_EXISTS, disk().open("d", OpenMode::CREATE));
}

// No path leads out of the root.
TEST_P(DiskConformance, RefusesPathsThatLeaveTheRoot) {
  for (const char* path : {"/etc/passwd", "..", "a/../b", "a//b", "a/", ".", "./a"}) {
    EXPECT_CODE(Code::INVALID_PATH, disk().open(path, OpenMode::READ)) << path;
    EXPECT_CODE(Code::INVALID_PATH, disk().makeDirs(path)) << path;
    EXPECT_CODE(Code::INVALID_PATH, disk().remove(path)) << path;
    EXPECT_CODE(Code::INVALID_PATH, disk().list(path)) << path;
    EXPECT_CODE(Code::INVALID_PATH, disk().statIfExists(path)) << path;
    EXPECT_CODE(Code::INVALID_PATH, disk().rename(path, "x")) << path;
    EXPECT_CODE(Code::INVALID_PATH, disk().rename("x", path)) << path;
  }
  EXPECT_CODE(Code::INVALID_PATH, disk().open(std::string_view("a\0b", 3), OpenMode::CREATE));
  EXPECT_CODE(Code::INVALID_PATH, disk().remove(""));
  EXPECT_CODE(Code::INVALID_PATH, disk().rename("", "x"));
  EXPECT_OK(disk().list(""));
}

// Listing is sorted by bytes: start-up and scrubbing go through it in one order everywhere.
TEST_P(DiskConformance, ListsSorted) {
  ASSERT_OK(disk().makeDirs("d/sub"));
  for (const char* name : {"d/b", "d/a", "d/B", "d/10", "d/2"}) create(name);
  EXPECT_EQ("10 2 B a b sub/ ", namesIn("d"));
  EXPECT_EQ("d/ ", namesIn(""));
  EXPECT_EQ("", namesIn("d/sub"));
  EXPECT_CODE(Code::NOT_FOUND, disk().list("e"));
  EXPECT_CODE(Code::NOT_A_DIRECTORY, disk().list("d/a"));
}

// Making a directory that is there is no error; making one below a file is.
TEST_P(DiskConformance, MakeDirs) {
  ASSERT_OK(disk().makeDirs("a/b/c"));
  ASSERT_OK(disk().makeDirs("a/b/c"));
  ASSERT_OK(disk().makeDirs(""));
  create("a/f");
  EXPECT_CODE(Code::NOT_A_DIRECTORY, disk().makeDirs("a/f"));
  EXPECT_CODE(Code::NOT_A_DIRECTORY, disk().makeDirs("a/f/g"));
  EXPECT_OK(disk().syncDir("a/b"));
  EXPECT_OK(disk().syncDir(""));
  EXPECT_CODE(Code::NOT_FOUND, disk().syncDir("z"));
}

TEST_P(DiskConformance, Stat) {
  ASSERT_OK(disk().makeDirs("d"));
  create("d/f", "12345");
  EXPECT_EQ((PathInfo{.isDirectory = false, .sizeBytes = 5}), *disk().statIfExists("d/f").value());
  EXPECT_EQ((PathInfo{.isDirectory = true, .sizeBytes = 0}), *disk().statIfExists("d").value());
  EXPECT_EQ((PathInfo{.isDirectory = true, .sizeBytes = 0}), *disk().statIfExists("").value());
  EXPECT_EQ(std::nullopt, disk().statIfExists("d/g").value());
  EXPECT_EQ(std::nullopt, disk().statIfExists("e/f").value());
  EXPECT_CODE(Code::NOT_A_DIRECTORY, disk().statIfExists("d/f/g"));
  EXPECT_TRUE(disk().exists("d/f").value());
  EXPECT_FALSE(disk().exists("x").value());
}

// rename is how every state change of a replica becomes visible.
TEST_P(DiskConformance, Rename) {
  ASSERT_OK(disk().makeDirs("a/inner"));
  ASSERT_OK(disk().makeDirs("b"));
  create("a/f", "one");
  create("b/g", "two");
  ASSERT_OK(disk().rename("a/f", "b/g"));  // replaces
  EXPECT_EQ("one", contentOf("b/g"));
  EXPECT_EQ("inner/ ", namesIn("a"));
  ASSERT_OK(disk().rename("b/g", "b/g"));
  EXPECT_EQ("one", contentOf("b/g"));

  EXPECT_CODE(Code::NOT_FOUND, disk().rename("a/x", "a/y"));
  EXPECT_CODE(Code::NOT_FOUND, disk().rename("b/g", "nowhere/g"));
  EXPECT_CODE(Code::IS_A_DIRECTORY, disk().rename("b/g", "a"));
  EXPECT_CODE(Code::NOT_A_DIRECTORY, disk().rename("a", "b/g"));
  EXPECT_CODE(Code::NOT_EMPTY, disk().rename("b", "a"));
  EXPECT_CODE(Code::IO_ERROR, disk().rename("a", "a/inner/x"));  // below itself
  ASSERT_OK(disk().rename("b", "a/inner"));                      // an empty directory gives way
  EXPECT_EQ("one", contentOf("a/inner/g"));
  EXPECT_EQ("a/ ", namesIn(""));
}

// A removed file stays readable for those who have it open: readers of a deleted replica finish.
TEST_P(DiskConformance, Remove) {
  ASSERT_OK(disk().makeDirs("d/e"));
  auto file = create("d/f", "abc");
  EXPECT_CODE(Code::NOT_EMPTY, disk().remove("d"));
  ASSERT_OK(disk().remove("d/f"));
  EXPECT_EQ("abc", readAt(*file, 0, 3));
  EXPECT_EQ("e/ ", namesIn("d"));
  ASSERT_OK(disk().remove("d/e"));
  ASSERT_OK(disk().remove("d"));
  EXPECT_CODE(Code::NOT_FOUND, disk().remove("d"));
  EXPECT_CODE(Code::NOT_FOUND, disk().remove("d/f"));
}

// Two daemons on one directory destroy it: the second must be refused, in one process too.
TEST_P(DiskConformance, Lock) {
  ASSERT_VALUE(auto lock, disk().lock("lock"));
  EXPECT_CODE(Code::IN_USE, disk().lock("lock"));
  EXPECT_OK(disk().lock("other"));
  lock.reset();
  EXPECT_OK(disk().lock("lock"));
}

// Messages must tell an operator which file failed.
TEST_P(DiskConformance, MessagesNameThePath) {
  const std::string root = disk().pathOf("");
  EXPECT_MESSAGE("open " + disk().pathOf("x/y") + ": No such file or directory",
                 disk().open("x/y", OpenMode::READ));
  create("f");
  ASSERT_OK(disk().makeDirs("d"));
  EXPECT_MESSAGE("rename " + disk().pathOf("f") + " to " + disk().pathOf("d") + ": Is a directory",
                 disk().rename("f", "d"));
  EXPECT_EQ(disk().pathOf("f"), disk().open("f", OpenMode::READ).value()->path());
}

TEST_P(DiskConformance, SpaceAndHints) {
  ASSERT_VALUE(const DiskSpace space, disk().space());
  EXPECT_GT(space.capacityBytes, 0u);
  EXPECT_LE(space.freeBytes, space.capacityBytes);
  auto file = create("f", "abc");
  file->preallocate(0, 1 << 20);  // hints change nothing that is read
  file->startWriteback(0, 3);
  file->willRead(0, 3);
  file->dropCache(0, 0);
  EXPECT_EQ(3u, file->size().value_or(0));
  EXPECT_EQ("abc", contentOf("f"));
}

INSTANTIATE_TEST_SUITE_P(Disks, DiskConformance,
                         ::testing::Values(Kind{"posix", &makePosix}, Kind{"memory", &makeMemory},
                                           Kind{"faulty", &makeFaulty}),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace cairn::io
