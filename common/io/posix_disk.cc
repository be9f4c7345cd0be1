#include "common/io/posix_disk.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>

#include "common/io/posix_file.h"

namespace cairn::io {
namespace {

// open() of a path below `rootFd`, one component after the other, so that no symbolic link can lead
// elsewhere. For systems without openat2.
int openByWalking(int rootFd, std::string_view path, int flags, unsigned mode) {
  UniqueFd held;
  int at = rootFd;
  for (;;) {
    const auto slash = path.find('/');
    const std::string name(path.substr(0, slash));
    if (slash == std::string_view::npos) return ::openat(at, name.c_str(), flags, mode);
    UniqueFd next(::openat(at, name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!next) return -1;
    held = std::move(next);
    at = held.get();
    path = path.substr(slash + 1);
  }
}

// open() of a checked relative path ("" = the root) that follows no symbolic link. -1 and errno.
UniqueFd openBeneath(int rootFd, std::string_view path, int flags, unsigned mode = 0) {
  flags |= O_NOFOLLOW | O_CLOEXEC;
  const std::string name(path.empty() ? "." : path);
  open_how how{};
  how.flags = static_cast<std::uint64_t>(flags);
  how.mode = mode;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
  for (;;) {
    const long fd = ::syscall(SYS_openat2, rootFd, name.c_str(), &how, sizeof how);
    if (fd >= 0) return UniqueFd(static_cast<int>(fd));
    if (errno == EINTR || errno == EAGAIN) continue;  // EAGAIN: the tree moved meanwhile
    // ENOSYS: before Linux 5.6; EPERM also from old container sandboxes that do not know the call.
    if (errno == ENOSYS || errno == EPERM) {
      return UniqueFd(openByWalking(rootFd, name, flags, mode));
    }
    return UniqueFd();
  }
}

// The directory that holds `path`, to name its last component in.
UniqueFd openParent(int rootFd, std::string_view path) {
  return openBeneath(rootFd, parentOf(path), O_PATH | O_DIRECTORY);
}

class PosixLock final : public DiskLock {
public:
  explicit PosixLock(UniqueFd fd) : fd_(std::move(fd)) {}

private:
  UniqueFd fd_;  // the lock ends when it is closed
};

// Who holds the lock, as far as its file tells.
std::string holderOf(int fd) {
  std::array<char, 32> text{};
  const ssize_t got = ::pread(fd, text.data(), text.size() - 1, 0);
  const std::string pid(text.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
  const auto digits = pid.find_first_not_of("0123456789");
  const std::string number = pid.substr(0, digits);
  return number.empty() ? "another process" : "process " + number;
}

Result<void> makeRoot(const std::string& root, unsigned mode) {
  for (std::size_t at = 1; at <= root.size();) {
    const auto slash = std::min(root.find('/', at), root.size());
    const std::string prefix = root.substr(0, slash);
    if (::mkdir(prefix.c_str(), mode) != 0 && errno != EEXIST) {
      return fail(statusFromErrno(errno, "create directory " + prefix));
    }
    at = slash + 1;
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<PosixDisk>> PosixDisk::open(std::string root, Options options) {
  while (root.size() > 1 && root.back() == '/') root.pop_back();
  if (options.createRoot) TRY(makeRoot(root, options.directoryMode));
  // Readable, so that it can be synced and locked like any directory below it.
  const int fd = ::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return fail(statusFromErrno(errno, "open directory " + root));
  return std::unique_ptr<PosixDisk>(new PosixDisk(std::move(root), fd, options));
}

PosixDisk::PosixDisk(std::string root, int rootFd, Options options)
    : root_(std::move(root)), rootFd_(rootFd), options_(options) {}

PosixDisk::~PosixDisk() { ::close(rootFd_); }

std::string PosixDisk::pathOf(std::string_view path) const {
  return path.empty() ? root_ : joinPath(root_ == "/" ? "" : root_, path);
}

std::unexpected<Status> PosixDisk::osError(int errnum, std::string_view verb,
                                           std::string_view path) const {
  return fail(statusFromErrno(errnum, std::string(verb) + " " + pathOf(path)));
}

Result<std::unique_ptr<File>> PosixDisk::open(std::string_view path, OpenMode mode) {
  TRY(checkRelativePath(path));
  const std::string_view verb = mode == OpenMode::CREATE ? "create" : "open";
  // Without O_NONBLOCK a pipe in the place of a file would hold the caller up for ever.
  int flags = O_NONBLOCK;
  switch (mode) {
    case OpenMode::READ: flags |= O_RDONLY; break;
    case OpenMode::READ_WRITE: flags |= O_RDWR; break;
    case OpenMode::CREATE: flags |= O_RDWR | O_CREAT | O_EXCL; break;
  }
  UniqueFd fd = openBeneath(rootFd_, path, flags, mode == OpenMode::CREATE ? options_.fileMode : 0);
  if (!fd) return osError(errno, verb, path);
  struct stat info;
  if (::fstat(fd.get(), &info) != 0) return osError(errno, verb, path);
  if (S_ISDIR(info.st_mode)) return osError(EISDIR, verb, path);
  if (!S_ISREG(info.st_mode)) {
    return fail(Code::INVALID_ARGUMENT, pathOf(path) + " is not a regular file");
  }
  return std::make_unique<PosixFile>(pathOf(path), std::move(fd),
                                     static_cast<std::uint64_t>(info.st_size));
}

Result<void> PosixDisk::rename(std::string_view from, std::string_view to) {
  TRY(checkNamed(from));
  TRY(checkNamed(to));
  const UniqueFd fromDir = openParent(rootFd_, from);
  if (!fromDir) return osError(errno, "rename", from);
  const UniqueFd toDir = openParent(rootFd_, to);
  if (!toDir) return osError(errno, "rename to", to);
  const std::string fromName(baseNameOf(from));
  const std::string toName(baseNameOf(to));
  if (::renameat(fromDir.get(), fromName.c_str(), toDir.get(), toName.c_str()) != 0) {
    const int errnum = errno;
    return osError(errnum, "rename " + pathOf(from) + " to", to);
  }
  return {};
}

Result<void> PosixDisk::remove(std::string_view path) {
  TRY(checkNamed(path));
  const UniqueFd dir = openParent(rootFd_, path);
  if (!dir) return osError(errno, "remove", path);
  const std::string name(baseNameOf(path));
  if (::unlinkat(dir.get(), name.c_str(), 0) == 0) return {};
  if (errno == EISDIR && ::unlinkat(dir.get(), name.c_str(), AT_REMOVEDIR) == 0) return {};
  return osError(errno, "remove", path);
}

Result<std::vector<DirEntry>> PosixDisk::list(std::string_view dir) {
  TRY(checkRelativePath(dir));
  const UniqueFd fd = openBeneath(rootFd_, dir, O_RDONLY | O_DIRECTORY);
  if (!fd) return osError(errno, "list", dir);
  // The stream owns a descriptor of its own.
  const int streamFd = ::fcntl(fd.get(), F_DUPFD_CLOEXEC, 0);
  if (streamFd < 0) return osError(errno, "list", dir);
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(streamFd), &::closedir);
  if (!stream) {
    const int errnum = errno;
    ::close(streamFd);
    return osError(errnum, "list", dir);
  }
  std::vector<DirEntry> entries;
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(stream.get());
    if (entry == nullptr) {
      if (errno != 0) return osError(errno, "list", dir);
      break;
    }
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    bool isDirectory = entry->d_type == DT_DIR;
    if (entry->d_type == DT_UNKNOWN) {
      struct stat info;
      if (::fstatat(fd.get(), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno == ENOENT) continue;  // removed meanwhile
        return osError(errno, "stat", joinPath(dir, name));
      }
      isDirectory = S_ISDIR(info.st_mode);
    }
    entries.push_back({std::string(name), isDirectory});
  }
  std::ranges::sort(entries, {}, &DirEntry::name);
  return entries;
}

Result<void> PosixDisk::makeDirs(std::string_view dir) {
  TRY(checkRelativePath(dir));
  UniqueFd held;
  int at = rootFd_;
  for (std::size_t from = 0; from < dir.size();) {
    const auto slash = std::min(dir.find('/', from), dir.size());
    const std::string name(dir.substr(from, slash - from));
    if (::mkdirat(at, name.c_str(), options_.directoryMode) != 0 && errno != EEXIST) {
      return osError(errno, "create directory", dir.substr(0, slash));
    }
    UniqueFd next(::openat(at, name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!next) return osError(errno, "create directory", dir.substr(0, slash));
    held = std::move(next);
    at = held.get();
    from = slash + 1;
  }
  return {};
}

Result<void> PosixDisk::syncDir(std::string_view dir) {
  TRY(checkRelativePath(dir));
  const UniqueFd fd = openBeneath(rootFd_, dir, O_RDONLY | O_DIRECTORY);
  if (!fd) return osError(errno, "sync directory", dir);
  if (::fsync(fd.get()) != 0) return osError(errno, "sync directory", dir);
  return {};
}

Result<std::optional<PathInfo>> PosixDisk::statIfExists(std::string_view path) {
  TRY(checkRelativePath(path));
  struct stat info;
  if (path.empty()) {
    if (::fstat(rootFd_, &info) != 0) return osError(errno, "stat", path);
  } else {
    const UniqueFd dir = openParent(rootFd_, path);
    const std::string name(baseNameOf(path));
    if (!dir || ::fstatat(dir.get(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno == ENOENT) return std::nullopt;
      return osError(errno, "stat", path);
    }
  }
  const bool isDirectory = S_ISDIR(info.st_mode);
  return PathInfo{isDirectory, isDirectory ? 0 : static_cast<std::uint64_t>(info.st_size)};
}

Result<DiskSpace> PosixDisk::space() {
  struct statvfs info;
  if (::fstatvfs(rootFd_, &info) != 0) return osError(errno, "space of", "");
  const auto unit = static_cast<std::uint64_t>(info.f_frsize);
  return DiskSpace{info.f_blocks * unit, info.f_bavail * unit};
}

Result<std::unique_ptr<DiskLock>> PosixDisk::lock(std::string_view path) {
  TRY(checkNamed(path));
  UniqueFd fd = openBeneath(rootFd_, path, O_RDWR | O_CREAT | O_NONBLOCK, options_.fileMode);
  if (!fd) return osError(errno, "open lock file", path);
  // flock belongs to the open file, so it also keeps apart two holders within one process.
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return osError(errno, "lock", path);
    return fail(Code::IN_USE, pathOf(path) + " is locked by " + holderOf(fd.get()));
  }
  const std::string pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(fd.get(), 0) != 0 ||
      ::pwrite(fd.get(), pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
    return osError(errno, "write lock file", path);
  }
  return std::make_unique<PosixLock>(std::move(fd));
}

}  // namespace cairn::io
