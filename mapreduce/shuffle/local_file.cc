#include "mapreduce/shuffle/local_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace cairn::mr {
namespace {

// Linux moves at most 2 GiB less a page in one call.
constexpr std::size_t CALL_BYTES_MAX = std::size_t{1} << 30;

Result<UniqueFd> open(const std::string& path, int flags) {
  int fd = -1;
  do {
    fd = ::open(path.c_str(), flags | O_CLOEXEC, 0600);
  } while (fd < 0 && errno == EINTR);
  if (fd < 0) return fail(statusFromErrno(errno, path));
  return UniqueFd(fd);
}

}  // namespace

Result<UniqueFd> createLocalFile(const std::string& path) {
  return open(path, O_RDWR | O_CREAT | O_TRUNC);
}

Result<UniqueFd> openLocalFile(const std::string& path) { return open(path, O_RDONLY); }

Result<void> readFully(int fd, std::uint64_t offset, MutableBytes to) {
  while (!to.empty()) {
    const auto got =
        ::pread(fd, to.data(), std::min(to.size(), CALL_BYTES_MAX), static_cast<off_t>(offset));
    if (got < 0) {
      if (errno == EINTR) continue;
      return fail(statusFromErrno(errno, "reading intermediate data"));
    }
    if (got == 0) return fail(Code::CORRUPT, "a file of intermediate data is too short");
    offset += static_cast<std::uint64_t>(got);
    to = to.subspan(static_cast<std::size_t>(got));
  }
  return {};
}

Result<void> writeFully(int fd, ByteView bytes) {
  while (!bytes.empty()) {
    const auto put = ::write(fd, bytes.data(), std::min(bytes.size(), CALL_BYTES_MAX));
    if (put < 0) {
      if (errno == EINTR) continue;
      return fail(statusFromErrno(errno, "writing intermediate data"));
    }
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
  return {};
}

}  // namespace cairn::mr
