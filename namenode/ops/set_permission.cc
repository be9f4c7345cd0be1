#include "namenode/ops/set_permission.h"

#include "namenode/meta/records.h"
#include "namenode/ops/access.h"
#include "namenode/ops/directories.h"
#include "namenode/ops/resolve.h"

namespace cairn::nn {

Result<Outcome> setPermission(Draft& draft, Context& context, const Path& path,
                              std::uint16_t mode) {
  if (mode > MODE_MAX) {
    return fail(Code::INVALID_ARGUMENT, "a mode has the bits 01777 at most");
  }
  ASSIGN(const auto at, resolveExisting(draft, context.caller, path));
  TRY(requireOwner(context.caller, toPathNode(*at.entry), path.text()));
  record::Dirent after = *at.entry;
  after.set_mode(mode);
  changeResolved(draft, at, path, std::move(after));
  return Outcome();
}

}  // namespace cairn::nn
