#include "namenode/ops/directories.h"

#include "common/base/limits.h"
#include "namenode/meta/records.h"
#include "namenode/ops/access.h"
#include "namenode/ops/reserved.h"

namespace cairn::nn {

DirectoryRow rowOfParent(const Resolved& at, const Path& path) {
  return {.parent = at.grandparent,
          .name = at.parentDepth == 0 ? std::string_view() : path.component(at.parentDepth - 1)};
}

DirectoryRow rowOfEntry(const Resolved& at, const Path& path) {
  return {.parent = path.isRoot() ? ROOT_PARENT : at.parent->id, .name = path.name()};
}

void changeResolved(Draft& draft, const Resolved& at, const Path& path, record::Dirent after) {
  const auto row = rowOfEntry(at, path);
  draft.changeEntry(row.parent, row.name, *at.entry, std::move(after));
}

Result<void> touchDirectory(Draft& draft, const DirectoryRow& row, int more, UnixMillis nowMs,
                            std::string_view directoryPath, std::uint64_t childrenMax) {
  ASSIGN(auto directory, findDirent(draft, row.parent, row.name));
  if (!directory.has_value()) {
    return fail(Code::CORRUPT,
                "the row of directory " + std::string(directoryPath) + " is missing");
  }
  if (more > 0 && directory->child_count() >= childrenMax) {
    return fail(Code::LIMIT_EXCEEDED, "The directory item limit of " + std::string(directoryPath) +
                                          " is exceeded: limit=" + std::to_string(childrenMax) +
                                          " items=" + std::to_string(directory->child_count() + 1));
  }
  directory->set_child_count(directory->child_count() + static_cast<std::uint32_t>(more));
  directory->set_mtime_ms(nowMs);
  draft.touchEntry(row.parent, row.name, *directory);
  return {};
}

Result<record::Dirent> makeDirectory(Draft& draft, Context& context, const Path& path,
                                     const Resolved& at, std::string_view name,
                                     std::uint16_t mode) {
  const auto parentPath = path.prefix(at.parentDepth);
  TRY(checkNotReserved(path, at.parentDepth));
  TRY(checkName(name, parentPath));
  TRY(touchDirectory(draft, rowOfParent(at, path), 1, context.nowMs, parentPath,
                     context.settings.directoryChildrenMax));
  record::Dirent made;
  made.set_id(context.ids.nextInode().value);
  made.set_kind(record::DIRECTORY);
  made.set_mode(mode);
  made.set_owner(context.caller.user);
  made.set_group(at.parent->group);
  made.set_mtime_ms(context.nowMs);
  draft.addEntry(at.parent->id, name, made);
  draft.noteNewDirectory(InodeId(made.id()));
  record::Inode place;
  place.set_parent(at.parent->id.value);
  place.set_name(std::string(name));
  draft.insert(Table::INODE, inodeKey(InodeId(made.id())), std::move(place));
  return made;
}

Result<void> makeMissingParents(Draft& draft, Context& context, const Path& path, Resolved& at,
                                std::uint16_t mode, bool inheritMode) {
  if (at.parentExists) return {};
  const auto parentMode =
      static_cast<std::uint16_t>((inheritMode ? at.parent->mode & 0777 : mode) | 0300);
  while (at.parentDepth + 1 < path.depth()) {
    const std::string_view name = path.component(at.parentDepth);
    ASSIGN(const auto made, makeDirectory(draft, context, path, at, name, parentMode));
    at.grandparent = at.parent->id;
    at.parent = std::make_shared<const PathNode>(toPathNode(made));
    ++at.parentDepth;
  }
  at.parentExists = true;
  return {};
}

Result<void> requireParent(const Resolved& at, const Path& path) {
  if (at.parentExists) return {};
  return fail(Code::NOT_FOUND,
              "Parent directory doesn't exist: " + std::string(path.prefix(path.depth() - 1)));
}

}  // namespace cairn::nn
