#include "namenode/ops/resolve.h"

#include "namenode/meta/records.h"
#include "namenode/ops/access.h"
#include "namenode/ops/reserved.h"

namespace cairn::nn {

Result<Resolved> resolve(const MetaView& view, const Caller& caller, const Path& path) {
  Resolved at;
  at.grandparent = ROOT_PARENT;
  ASSIGN(at.parent, view.findNode(ROOT_PARENT, ""));
  if (at.parent == nullptr) {
    return fail(Code::CORRUPT, "the root directory is missing from the namenode's tables");
  }
  at.compression = at.parent->compression;
  if (path.isRoot()) {
    at.parentExists = true;
    ASSIGN(at.entry, findDirent(view, ROOT_PARENT, ""));
    return at;
  }
  for (std::size_t i = 0;; ++i) {
    TRY(checkAccess(caller, *at.parent, Access::EXECUTE, path.prefix(i)));
    if (i + 1 == path.depth()) {
      at.parentExists = true;
      ASSIGN(at.entry, findDirent(view, at.parent->id, path.component(i)));
      return at;
    }
    ASSIGN(auto next, view.findNode(at.parent->id, path.component(i)));
    if (next == nullptr) return at;
    if (!next->directory) {
      return fail(Code::NOT_A_DIRECTORY, std::string(path.prefix(i + 1)) + " (is not a directory)");
    }
    at.grandparent = at.parent->id;
    at.parent = std::move(next);
    if (at.parent->compression.has_value()) at.compression = at.parent->compression;
    at.parentDepth = i + 1;
  }
}

std::unexpected<Status> doesNotExist(const Path& path) {
  return fail(Code::NOT_FOUND, "File does not exist: " + path.text());
}

Result<Resolved> resolveExisting(const MetaView& view, const Caller& caller, const Path& path) {
  ASSIGN(auto at, resolve(view, caller, path));
  if (!at.entry.has_value()) {
    TRY(checkNotShown(path));
    return doesNotExist(path);
  }
  return at;
}

Result<Resolved> resolveFile(const MetaView& view, const Caller& caller, const Path& path) {
  ASSIGN(auto at, resolveExisting(view, caller, path));
  if (isDirectory(*at.entry)) {
    return fail(Code::IS_A_DIRECTORY, "Path is not a file: " + path.text());
  }
  return at;
}

}  // namespace cairn::nn
