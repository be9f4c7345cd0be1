#include "namenode/ops/remove.h"

#include "namenode/meta/records.h"
#include "namenode/ops/access.h"
#include "namenode/ops/directories.h"
#include "namenode/ops/garbage.h"
#include "namenode/ops/reserved.h"
#include "namenode/ops/resolve.h"

namespace cairn::nn {

Result<Outcome> remove(Draft& draft, Context& context, const RemoveRequest& request) {
  const Path& path = request.path;
  if (path.isRoot()) return fail(Code::INVALID_ARGUMENT, "the root directory cannot be removed");
  ASSIGN(auto at, resolve(draft, context.caller, path));
  Outcome outcome;
  if (!at.entry.has_value()) {
    TRY(checkNotShown(path));
    return outcome;
  }
  const auto parentPath = path.prefix(at.parentDepth);
  TRY(checkSticky(context.caller, *at.parent, parentPath, toPathNode(*at.entry), path.text()));
  TRY(checkAccess(context.caller, *at.parent, Access::WRITE, parentPath));
  if (isDirectory(*at.entry) && at.entry->child_count() > 0) {
    if (!request.recursive) {
      return fail(Code::NOT_EMPTY, "`" + path.text() + " is non empty': Directory is not empty");
    }
    if (!context.caller.superuser &&
        (!request.checkedBelow.has_value() || request.checkedBelow->value != at.entry->id())) {
      return fail(Code::STALE, "the rights below " + path.text() + " have not been checked");
    }
  }
  TRY(discardEntry(draft, at.parent->id, path.name(), *at.entry));
  TRY(touchDirectory(draft, rowOfParent(at, path), -1, context.nowMs, parentPath));
  outcome.answer.set_flag(true);
  return outcome;
}

}  // namespace cairn::nn
