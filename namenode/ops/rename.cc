#include "namenode/ops/rename.h"

#include "namenode/meta/records.h"
#include "namenode/ops/access.h"
#include "namenode/ops/directories.h"
#include "namenode/ops/garbage.h"
#include "namenode/ops/reserved.h"
#include "namenode/ops/resolve.h"

namespace cairn::nn {
namespace {

// Whether `source` may take the place of `target`, which stands at `to`.
Result<void> checkOverwrite(const RenameRequest& request, const std::string& to,
                            const record::Dirent& source, const record::Dirent& target) {
  const std::string& from = request.from.text();
  if (isDirectory(source) != isDirectory(target)) {
    return fail(Code::ALREADY_EXISTS,
                "Source " + from + " and destination " + to + " must both be directories");
  }
  if (!request.overwrite) {
    return fail(Code::ALREADY_EXISTS, "rename destination " + to + " already exists");
  }
  if (target.child_count() > 0) {
    return fail(Code::ALREADY_EXISTS, "rename destination directory is not empty: " + to);
  }
  return {};
}

Result<Path> childOf(const Path& directory, std::string_view name) {
  return Path::parse(std::string(directory.isRoot() ? "" : directory.text()) + "/" +
                     std::string(name));
}

}  // namespace

Result<Outcome> rename(Draft& draft, Context& context, const RenameRequest& request) {
  const Path& from = request.from;
  Path to = request.to;
  const Caller& caller = context.caller;
  if (from.isRoot()) return fail(Code::INVALID_ARGUMENT, "rename source cannot be the root");
  ASSIGN(auto source, resolve(draft, caller, from));
  if (source.entry.has_value()) {
    TRY(checkSticky(caller, *source.parent, from.prefix(source.parentDepth),
                    toPathNode(*source.entry), from.text()));
  }
  TRY(checkAccess(caller, *source.parent, Access::WRITE, from.prefix(source.parentDepth)));
  if (to.isRoot() && !request.moveInto) {
    return fail(Code::INVALID_ARGUMENT, "rename destination cannot be the root");
  }
  ASSIGN(auto target, resolve(draft, caller, to));
  if (request.moveInto && target.entry.has_value() && isDirectory(*target.entry)) {
    ASSIGN(to, childOf(to, from.name()));
    ASSIGN(target, resolve(draft, caller, to));
  }
  TRY(checkAccess(caller, *target.parent, Access::WRITE, to.prefix(target.parentDepth)));
  if (isInReserved(to)) TRY(checkNotReserved(to, 0));
  if (!source.entry.has_value()) {
    return fail(Code::NOT_FOUND, "rename source " + from.text() + " is not found.");
  }
  if (from.text() == to.text()) {
    if (request.moveInto) return Outcome();
    return fail(Code::ALREADY_EXISTS,
                "The source " + from.text() + " and destination " + to.text() + " are the same");
  }
  if (isDirectory(*source.entry) && from.contains(to)) {
    return fail(Code::INVALID_ARGUMENT, "Rename destination " + to.text() +
                                            " is a directory or file under source " + from.text());
  }
  if (target.entry.has_value()) {
    TRY(checkOverwrite(request, to.text(), *source.entry, *target.entry));
    TRY(checkSticky(caller, *target.parent, to.prefix(target.parentDepth),
                    toPathNode(*target.entry), to.text()));
  } else if (!target.parentExists) {
    return fail(Code::NOT_FOUND, "rename destination parent " +
                                     std::string(to.prefix(to.depth() - 1)) + " not found.");
  }
  if (const auto free = checkNotReserved(to, to.depth() - 1); !free.has_value()) {
    // Its text is told by HDFS's first rename, too.
    return fail(request.moveInto ? Code::INVALID_PATH : free.error().code(),
                free.error().message());
  }
  TRY(checkName(to.name(), to.prefix(target.parentDepth)));

  // The same row when both names are in one directory.
  if (target.entry.has_value()) {
    TRY(discardEntry(draft, target.parent->id, to.name(), *target.entry));
  }
  draft.removeEntry(source.parent->id, from.name(), *source.entry);
  TRY(touchDirectory(draft, rowOfParent(source, from), -1, context.nowMs,
                     from.prefix(source.parentDepth)));
  TRY(touchDirectory(draft, rowOfParent(target, to), target.entry.has_value() ? 0 : 1,
                     context.nowMs, to.prefix(target.parentDepth),
                     context.settings.directoryChildrenMax));
  record::Inode place;
  place.set_parent(target.parent->id.value);
  place.set_name(std::string(to.name()));
  draft.update(Table::INODE, inodeKey(InodeId(source.entry->id())), std::move(place));
  draft.addEntry(target.parent->id, to.name(), std::move(*source.entry));
  return Outcome();
}

}  // namespace cairn::nn
