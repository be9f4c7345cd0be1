#include "namenode/ops/reserved.h"

#include <string>

namespace cairn::nn {
namespace {

constexpr std::string_view RESERVED = ".reserved";
constexpr std::string_view SNAPSHOT = ".snapshot";
constexpr std::string_view BY_NUMBER = ".inodes";
constexpr std::string_view RAW = "raw";

record::Dirent directory(std::uint32_t mode, const std::string& group) {
  record::Dirent entry;
  entry.set_kind(record::DIRECTORY);
  entry.set_mode(mode);
  entry.set_group(group);
  return entry;
}

std::unexpected<Status> invalidName(const Path& path) {
  return fail(Code::INVALID_PATH, "Invalid path name " + path.text());
}

}  // namespace

bool isInReserved(const Path& path) { return !path.isRoot() && path.component(0) == RESERVED; }

bool isReservedDirectory(const Path& path) { return path.depth() == 1 && isInReserved(path); }

Result<void> checkNoView(const Path& path) {
  if (path.depth() < 2 || !isInReserved(path)) return {};
  if (path.component(1) == RAW) {
    return fail(Code::UNSUPPORTED, path.text() + ": Cairn has no raw view of files");
  }
  if (path.component(1) == BY_NUMBER && path.depth() > 2) {
    return fail(Code::UNSUPPORTED, path.text() + ": Cairn finds no files by their numbers");
  }
  return {};
}

Result<void> checkNotReserved(const Path& path, std::size_t i) {
  const auto name = path.component(i);
  if (i == 0 && name == RESERVED) {
    return fail(Code::INVALID_ARGUMENT,
                "File name \"" + std::string(name) +
                    "\" is reserved and cannot be created. If this is during upgrade change the "
                    "name of the existing file or directory to another name before upgrading to "
                    "the new release.");
  }
  if (name == SNAPSHOT) {
    return fail(Code::INVALID_ARGUMENT, "\"" + std::string(name) + "\" is a reserved name.");
  }
  return {};
}

Result<void> checkOutsideReserved(const Path& path) {
  if (!isInReserved(path)) return {};
  if (path.depth() > 1 && path.component(1).starts_with(BY_NUMBER)) {
    return checkNotReserved(path, 0);
  }
  return invalidName(path);
}

Result<void> checkNotShown(const Path& path) {
  if (!isReservedDirectory(path)) return {};
  return invalidName(path);
}

record::Dirent reservedDirectory() { return directory(01770, ""); }

Listing listReservedDirectory(const std::string& group, std::string_view startAfter,
                              std::size_t limit) {
  Listing listing;
  for (const auto name : {BY_NUMBER, RAW}) {
    if (name <= startAfter) continue;
    if (listing.entries.size() == limit) {
      listing.more = true;
      break;
    }
    listing.entries.push_back({std::string(name), directory(0770, group)});
  }
  return listing;
}

}  // namespace cairn::nn
