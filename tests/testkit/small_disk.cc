#include "tests/testkit/small_disk.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <utility>

namespace cairn::testkit {
namespace {

bool writeAll(const char* path, const std::string& text) {
  const int fd = ::open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool written = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  ::close(fd);
  return written;
}

// Root of a user namespace, as the user that this process was.
bool becomeRoot() {
  const auto user = std::to_string(::getuid());
  const auto group = std::to_string(::getgid());
  return ::unshare(CLONE_NEWUSER) == 0 && writeAll("/proc/self/setgroups", "deny") &&
         writeAll("/proc/self/uid_map", "0 " + user + " 1") &&
         writeAll("/proc/self/gid_map", "0 " + group + " 1");
}

bool ownMounts() {
  if (::unshare(CLONE_NEWNS) != 0 && (!becomeRoot() || ::unshare(CLONE_NEWNS) != 0)) return false;
  // What is mounted here stays here.
  return ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
}

}  // namespace

bool SmallDisk::available() {
  static const bool are = ownMounts();
  return are;
}

SmallDisk::SmallDisk(std::string path, std::uint64_t bytes) : path_(std::move(path)) {
  const auto options = "size=" + std::to_string(bytes);
  ::mkdir(path_.c_str(), 0755);
  if (!available() || ::mount("tmpfs", path_.c_str(), "tmpfs", 0, options.c_str()) != 0) {
    std::perror(("mounting a file system at " + path_).c_str());
    std::abort();
  }
}

SmallDisk::~SmallDisk() { ::umount2(path_.c_str(), MNT_DETACH); }

std::uint64_t SmallDisk::freeBytes() const {
  struct statvfs space{};
  EXPECT_EQ(::statvfs(path_.c_str(), &space), 0);
  return std::uint64_t{space.f_bavail} * space.f_frsize;
}

void SmallDisk::fill(std::uint64_t left) {
  const int fd = ::open((path_ + "/ballast").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  struct stat file{};
  EXPECT_EQ(::fstat(fd, &file), 0);
  // Whoever else writes meanwhile may be quicker.
  while (freeBytes() > left) {
    const auto bytes = static_cast<off_t>(freeBytes() - left);
    if (::posix_fallocate(fd, file.st_size, bytes) == 0) file.st_size += bytes;
  }
  ::close(fd);
}

void SmallDisk::clear() { ::unlink((path_ + "/ballast").c_str()); }

}  // namespace cairn::testkit
