#include "common/io/disk.h"

#include <cerrno>

namespace cairn::io {

std::unexpected<Status> File::deadError(std::string_view verb) const {
  return fail(Code::IO_ERROR, std::string(verb) + " " + path_ +
                                  ": an earlier sync of this open file failed; it is out of use");
}

Result<std::size_t> File::readAt(std::uint64_t offset, MutableBytes to) {
  if (dead()) return deadError("read");
  return doReadAt(offset, to);
}

Result<void> File::writeAt(std::uint64_t offset, std::span<const ByteView> parts) {
  if (dead()) return deadError("write");
  return doWriteAt(offset, parts);
}

Result<void> File::writeAt(std::uint64_t offset, ByteView bytes) {
  return writeAt(offset, std::span(&bytes, 1));
}

Result<void> File::append(std::span<const ByteView> parts) {
  if (dead()) return deadError("append to");
  return doAppend(parts);
}

Result<void> File::append(ByteView bytes) { return append(std::span(&bytes, 1)); }

Result<void> File::sync() {
  if (dead()) return deadError("sync");
  auto result = doSync();
  if (!result) dead_.store(true, std::memory_order_relaxed);
  return result;
}

Result<std::uint64_t> File::size() {
  if (dead()) return deadError("size of");
  return doSize();
}

Result<void> File::truncate(std::uint64_t size) {
  if (dead()) return deadError("truncate");
  return doTruncate(size);
}

void File::preallocate(std::uint64_t offset, std::uint64_t bytes) {
  if (!dead()) doPreallocate(offset, bytes);
}

void File::startWriteback(std::uint64_t offset, std::uint64_t bytes) {
  if (!dead()) doStartWriteback(offset, bytes);
}

void File::willRead(std::uint64_t offset, std::uint64_t bytes) {
  if (!dead()) doWillRead(offset, bytes);
}

void File::dropCache(std::uint64_t offset, std::uint64_t bytes) {
  if (!dead()) doDropCache(offset, bytes);
}

Result<bool> Disk::exists(std::string_view path) {
  ASSIGN(const auto info, statIfExists(path));
  return info.has_value();
}

Result<void> checkRelativePath(std::string_view path) {
  const auto bad = [&](std::string_view why) {
    return fail(Code::INVALID_PATH, "'" + std::string(path) + "': " + std::string(why));
  };
  if (path.empty()) return {};
  if (path.front() == '/') return bad("a path on a disk is relative to the disk's root");
  if (path.find('\0') != std::string_view::npos) return bad("a path holds no NUL byte");
  for (std::string_view rest = path;;) {
    const auto slash = rest.find('/');
    const auto name = rest.substr(0, slash);
    if (name.empty() || name == "." || name == "..") {
      return bad("a path on a disk has no empty component, no '.' and no '..'");
    }
    if (slash == std::string_view::npos) return {};
    rest = rest.substr(slash + 1);
  }
}

Result<void> checkNamed(std::string_view path) {
  if (path.empty()) {
    return fail(Code::INVALID_PATH, "the root of a disk is not renamed, removed or locked");
  }
  return checkRelativePath(path);
}

std::string_view parentOf(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

std::string_view baseNameOf(std::string_view path) { return path.substr(path.rfind('/') + 1); }

std::string joinPath(std::string_view dir, std::string_view name) {
  if (dir.empty()) return std::string(name);
  return std::string(dir) + "/" + std::string(name);
}

}  // namespace cairn::io
