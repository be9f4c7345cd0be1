#include "common/config/read_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "common/base/units.h"

namespace cairn::config {
namespace {

constexpr std::size_t FILE_BYTES_MAX = 1_MiB;

}  // namespace

Result<std::string> readSmallFile(const std::string& path, const std::string& named) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return fail(statusFromErrno(errno, "open " + named));
  std::string content;
  std::array<char, 16384> buffer;
  ssize_t got = 0;
  do {
    got = ::read(fd, buffer.data(), buffer.size());
    if (got > 0) content.append(buffer.data(), static_cast<std::size_t>(got));
  } while ((got > 0 && content.size() <= FILE_BYTES_MAX) || (got < 0 && errno == EINTR));
  const int errnum = errno;
  ::close(fd);
  if (got < 0) return fail(statusFromErrno(errnum, "read " + named));
  if (content.size() > FILE_BYTES_MAX) {
    return fail(Code::LIMIT_EXCEEDED, named + " has more than 1 MiB");
  }
  return content;
}

}  // namespace cairn::config
