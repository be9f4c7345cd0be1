#include "namenode/ops/open_file.h"

#include "common/base/limits.h"
#include "namenode/meta/records.h"

namespace cairn::nn {
namespace {

// Levels above which the tables must be damaged. Not PATH_DEPTH_MAX, which binds the paths of
// calls: renaming puts trees below trees.
constexpr std::size_t RING_DEPTH = 100 * limits::PATH_DEPTH_MAX;

}  // namespace

Result<std::optional<PlacedFile>> findReachableFile(const MetaView& view, InodeId inode) {
  ASSIGN(auto place, findInode(view, inode));
  if (!place.has_value()) return std::nullopt;
  PlacedFile file{InodeId(place->parent()), place->name(), {}};
  // A removed directory has lost its row here.
  InodeId above = file.parent;
  for (std::size_t depth = 0; above != ROOT_INODE; ++depth) {
    if (depth > RING_DEPTH) {
      return fail(Code::CORRUPT,
                  "the directories above inode " + std::to_string(inode.value) + " form a ring");
    }
    ASSIGN(const auto directory, findInode(view, above));
    if (!directory.has_value()) return std::nullopt;
    above = InodeId(directory->parent());
  }
  ASSIGN(auto entry, findDirent(view, file.parent, file.name));
  if (!entry.has_value() || entry->id() != inode.value || isDirectory(*entry)) return std::nullopt;
  file.entry = std::move(*entry);
  return file;
}

Result<PlacedFile> requireOpenFile(const MetaView& view, const Caller& caller, InodeId inode) {
  ASSIGN(auto file, findReachableFile(view, inode));
  if (!file.has_value()) {
    return fail(Code::NOT_FOUND, "File does not exist: inode " + std::to_string(inode.value) +
                                     "; it or a directory above it was removed");
  }
  const auto lost = [&](const std::string& why) {
    return fail(Code::LEASE_EXPIRED,
                describeInode(view, inode) + " (inode " + std::to_string(inode.value) + ") " + why);
  };
  if (!file->entry.under_construction()) return lost("is not open for writing");
  ASSIGN(const auto lease, findLease(view, inode));
  if (!lease.has_value() || caller.client == LeaseBook::NAMENODE ||
      uuidFromBytes(lease->client()) != caller.client || lease->user() != caller.user) {
    return lost("is not held by client " + caller.client.toString() + " any more");
  }
  return std::move(*file);
}

std::string describeInode(const MetaView& view, InodeId inode) {
  const std::string number = "inode " + std::to_string(inode.value);
  std::string path;
  for (std::size_t depth = 0; inode != ROOT_INODE; ++depth) {
    const auto place = findInode(view, inode);
    if (!place.has_value() || !place->has_value() || depth > limits::PATH_DEPTH_MAX) return number;
    path.insert(0, "/" + (*place)->name());
    inode = InodeId((*place)->parent());
  }
  return path.empty() ? "/" : path;
}

}  // namespace cairn::nn
