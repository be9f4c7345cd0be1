#include "client/shell/byte_source.h"

#include <errno.h>
#include <unistd.h>

#include <utility>

#include "client/shell/interrupt.h"

namespace cairn::shell {

DescriptorSource::DescriptorSource(int descriptor, std::string name)
    : descriptor_(descriptor), name_(std::move(name)) {}

Result<std::size_t> DescriptorSource::read(std::span<std::byte> room) {
  while (true) {
    CleanupScope::awaitReadable(descriptor_);
    if (interrupted()) return fail(Code::CANCELLED, "");
    const auto got = ::read(descriptor_, room.data(), room.size());
    if (got >= 0) return static_cast<std::size_t>(got);
    // What a code alone would say is said of the target.
    if (errno == EISDIR) return fail(Code::IO_ERROR, name_ + " is a directory");
    if (errno != EINTR) return fail(statusFromErrno(errno, "reading " + name_));
  }
}

InputFileSource::InputFileSource(InputFile file) : file_(std::move(file)) {}

Result<std::size_t> InputFileSource::read(std::span<std::byte> room) {
  if (interrupted()) return fail(Code::CANCELLED, "");
  auto got = file_.read(room);
  if (interrupted()) return fail(Code::CANCELLED, "");
  if (!got.has_value()) failed_ = true;
  return got;
}

}  // namespace cairn::shell
