#include "common/io/posix_disk.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "common/io/disk_ops.h"
#include "tests/common/io/temp_dir.h"
#include "tests/testkit/results.h"

namespace cairn::io {
namespace {

// A task may plant a link in its directory; a tracker with more rights must not follow it out.
TEST(PosixDiskTest, FollowsNoSymbolicLink) {
  TempDir outside;
  TempDir temp;
  ASSERT_VALUE(auto other, PosixDisk::open(outside.path()));
  ASSERT_OK(writeFileAtomically(*other, "secret", asBytes("s")));
  ASSERT_VALUE(auto disk, PosixDisk::open(temp.path()));
  std::filesystem::create_symlink(outside.path(), temp.path() + "/dir");
  std::filesystem::create_symlink(outside.path() + "/secret", temp.path() + "/file");

  EXPECT_FALSE(disk->open("dir/secret", OpenMode::READ).has_value());
  EXPECT_FALSE(disk->open("file", OpenMode::READ).has_value());
  EXPECT_FALSE(disk->open("dir/new", OpenMode::CREATE).has_value());
  EXPECT_FALSE(disk->list("dir").has_value());
  EXPECT_FALSE(disk->remove("dir/secret").has_value());
  EXPECT_FALSE(disk->makeDirs("dir/new").has_value());
  EXPECT_FALSE(disk->rename("dir/secret", "mine").has_value());
  EXPECT_FALSE(disk->statIfExists("dir").value()->isDirectory);

  // Removing a tree takes the links, not what they lead to.
  ASSERT_OK(disk->makeDirs("tree"));
  std::filesystem::create_symlink(outside.path(), temp.path() + "/tree/dir");
  ASSERT_OK(removeTree(*disk, "tree"));
  EXPECT_TRUE(other->exists("secret").value());
}

// A pipe in the place of a file must be an error, not a thread that hangs for ever.
TEST(PosixDiskTest, RefusesWhatIsNoFile) {
  TempDir temp;
  ASSERT_VALUE(auto disk, PosixDisk::open(temp.path()));
  ASSERT_EQ(0, ::mkfifo((temp.path() + "/pipe").c_str(), 0600));
  EXPECT_MESSAGE(temp.path() + "/pipe is not a regular file", disk->open("pipe", OpenMode::READ));
}

// Replicas hold users' data: other users of the machine must not read them.
TEST(PosixDiskTest, FilesArePrivate) {
  TempDir temp;
  ASSERT_VALUE(auto disk, PosixDisk::open(temp.path()));
  ASSERT_OK(disk->makeDirs("d"));
  ASSERT_OK(disk->open("d/f", OpenMode::CREATE));
  struct stat info;
  ASSERT_EQ(0, ::stat((temp.path() + "/d/f").c_str(), &info));
  EXPECT_EQ(0u, info.st_mode & 077);
  ASSERT_EQ(0, ::stat((temp.path() + "/d").c_str(), &info));
  EXPECT_EQ(0u, info.st_mode & 077);
}

// Nothing is created by itself: a wrong path in a configuration must not become an empty store.
TEST(PosixDiskTest, RootMustExistUnlessAskedFor) {
  TempDir temp;
  const std::string root = temp.path() + "/a/b";
  EXPECT_MESSAGE("open directory " + root + ": No such file or directory", PosixDisk::open(root));
  ASSERT_OK(PosixDisk::open(root + "/", {.createRoot = true}));
  EXPECT_OK(PosixDisk::open(root));
}

// Who is told that a directory is in use must learn by whom.
TEST(PosixDiskTest, LockNamesItsHolder) {
  TempDir temp;
  ASSERT_VALUE(auto disk, PosixDisk::open(temp.path()));
  ASSERT_VALUE(auto lock, disk->lock("lock"));
  EXPECT_MESSAGE(temp.path() + "/lock is locked by process " + std::to_string(::getpid()),
                 disk->lock("lock"));
}

// A daemon that was killed must not lock out its successor.
TEST(PosixDiskTest, LockEndsWithItsProcess) {
  TempDir temp;
  ASSERT_VALUE(auto disk, PosixDisk::open(temp.path()));
  const pid_t child = ::fork();
  if (child == 0) {
    auto lock = disk->lock("lock");
    ::_exit(lock.has_value() ? 0 : 1);  // no destructor runs
  }
  int status = 0;
  ASSERT_EQ(child, ::waitpid(child, &status, 0));
  ASSERT_EQ(0, status);
  EXPECT_OK(disk->lock("lock"));
}

// Local readers get the descriptor itself.
TEST(PosixDiskTest, FileHasADescriptor) {
  TempDir temp;
  ASSERT_VALUE(auto disk, PosixDisk::open(temp.path()));
  ASSERT_VALUE(auto file, disk->open("f", OpenMode::CREATE));
  ASSERT_OK(file->append(asBytes("abc")));
  char buffer[3];
  EXPECT_EQ(3, ::pread(file->fd(), buffer, 3, 0));
}

}  // namespace
}  // namespace cairn::io
