#include "namenode/ops/mkdirs.h"

#include "namenode/meta/records.h"
#include "namenode/ops/access.h"
#include "namenode/ops/directories.h"
#include "namenode/ops/reserved.h"
#include "namenode/ops/resolve.h"

namespace cairn::nn {

Result<Outcome> mkdirs(Draft& draft, Context& context, const MkdirsRequest& request) {
  if (request.mode > MODE_MAX) {
    return fail(Code::INVALID_ARGUMENT, "a mode has the bits 01777 at most");
  }
  ASSIGN(auto at, resolve(draft, context.caller, request.path));
  Outcome outcome;
  if (at.entry.has_value()) {
    if (!isDirectory(*at.entry)) {
      return fail(Code::ALREADY_EXISTS, "Path is not a directory: " + request.path.text());
    }
    return outcome;
  }
  TRY(checkAccess(context.caller, *at.parent, Access::WRITE, request.path.prefix(at.parentDepth)));
  // Its parent may be one that is only shown.
  if (isInReserved(request.path) && request.path.depth() <= 2) {
    TRY(checkNotReserved(request.path, 0));
  }
  if (!request.createParents) TRY(requireParent(at, request.path));
  TRY(makeMissingParents(draft, context, request.path, at, request.mode, false));
  TRY(makeDirectory(draft, context, request.path, at, request.path.name(), request.mode));
  outcome.answer.set_flag(true);
  return outcome;
}

}  // namespace cairn::nn
