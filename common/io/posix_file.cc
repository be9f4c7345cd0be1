#include "common/io/posix_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace cairn::io {
namespace {

// Parts of one pwritev; IOV_MAX on Linux is 1024, frames come with a header and a body each.
constexpr std::size_t PARTS_PER_CALL = 64;

std::unexpected<Status> osError(std::string_view verb, const std::string& path) {
  return fail(statusFromErrno(errno, std::string(verb) + " " + path));
}

}  // namespace

UniqueFd::~UniqueFd() {
  // What close() reports here concerns writes that nobody has asked to be durable.
  if (fd_ >= 0) ::close(fd_);
}

Result<std::size_t> PosixFile::doReadAt(std::uint64_t offset, MutableBytes to) {
  std::size_t done = 0;
  while (done < to.size()) {
    const ssize_t got =
        ::pread(fd_.get(), to.data() + done, to.size() - done, static_cast<off_t>(offset + done));
    if (got < 0) {
      if (errno == EINTR) continue;
      return osError("read", path());
    }
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

Result<void> PosixFile::doWriteAt(std::uint64_t offset, std::span<const ByteView> parts) {
  std::size_t part = 0;
  std::size_t partDone = 0;  // bytes of parts[part] that are written
  while (part < parts.size()) {
    std::array<iovec, PARTS_PER_CALL> vector;
    std::size_t count = 0;
    for (std::size_t i = part; i < parts.size() && count < vector.size(); ++i) {
      const ByteView rest = i == part ? parts[i].subspan(partDone) : parts[i];
      if (rest.empty() && i != part) continue;
      vector[count++] = {const_cast<std::byte*>(rest.data()), rest.size()};
    }
    const ssize_t wrote =
        ::pwritev(fd_.get(), vector.data(), static_cast<int>(count), static_cast<off_t>(offset));
    if (wrote < 0) {
      if (errno == EINTR) continue;
      return osError("write", path());
    }
    offset += static_cast<std::uint64_t>(wrote);
    end_ = std::max(end_, offset);
    std::size_t left = static_cast<std::size_t>(wrote);
    while (part < parts.size() && left >= parts[part].size() - partDone) {
      left -= parts[part].size() - partDone;
      ++part;
      partDone = 0;
    }
    partDone += left;
  }
  return {};
}

Result<void> PosixFile::doAppend(std::span<const ByteView> parts) { return doWriteAt(end_, parts); }

Result<void> PosixFile::doSync() {
  // No retry, not even after EINTR: see disk.h.
  if (::fdatasync(fd_.get()) != 0) return osError("sync", path());
  return {};
}

Result<std::uint64_t> PosixFile::doSize() {
  struct stat info;
  if (::fstat(fd_.get(), &info) != 0) return osError("stat", path());
  return static_cast<std::uint64_t>(info.st_size);
}

Result<void> PosixFile::doTruncate(std::uint64_t size) {
  while (::ftruncate(fd_.get(), static_cast<off_t>(size)) != 0) {
    if (errno != EINTR) return osError("truncate", path());
  }
  end_ = size;
  return {};
}

void PosixFile::doPreallocate(std::uint64_t offset, std::uint64_t bytes) {
  ::fallocate(fd_.get(), FALLOC_FL_KEEP_SIZE, static_cast<off_t>(offset),
              static_cast<off_t>(bytes));
}

void PosixFile::doStartWriteback(std::uint64_t offset, std::uint64_t bytes) {
  ::sync_file_range(fd_.get(), static_cast<off_t>(offset), static_cast<off_t>(bytes),
                    SYNC_FILE_RANGE_WRITE);
}

void PosixFile::doWillRead(std::uint64_t offset, std::uint64_t bytes) {
  ::posix_fadvise(fd_.get(), static_cast<off_t>(offset), static_cast<off_t>(bytes),
                  POSIX_FADV_WILLNEED);
}

void PosixFile::doDropCache(std::uint64_t offset, std::uint64_t bytes) {
  ::posix_fadvise(fd_.get(), static_cast<off_t>(offset), static_cast<off_t>(bytes),
                  POSIX_FADV_DONTNEED);
}

Result<std::unique_ptr<File>> readableFile(int descriptor, std::string name) {
  UniqueFd own(::fcntl(descriptor, F_DUPFD_CLOEXEC, 0));
  if (!own) return osError("duplicate the descriptor of", name);
  struct stat info{};
  if (::fstat(own.get(), &info) != 0) return osError("stat", name);
  return std::make_unique<PosixFile>(std::move(name), std::move(own),
                                     static_cast<std::uint64_t>(info.st_size));
}

}  // namespace cairn::io
