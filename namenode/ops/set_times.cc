#include "namenode/ops/set_times.h"

#include "namenode/meta/records.h"
#include "namenode/ops/access.h"
#include "namenode/ops/directories.h"
#include "namenode/ops/resolve.h"

namespace cairn::nn {

Result<Outcome> setTimes(Draft& draft, Context& context, const Path& path, UnixMillis mtimeMs,
                         UnixMillis atimeMs) {
  ASSIGN(const auto at, resolveExisting(draft, context.caller, path));
  TRY(checkAccess(context.caller, toPathNode(*at.entry), Access::WRITE, path.text()));
  record::Dirent after = *at.entry;
  if (mtimeMs != TIME_STAYS) after.set_mtime_ms(mtimeMs);
  if (atimeMs != TIME_STAYS && !isDirectory(*at.entry)) after.set_atime_ms(atimeMs);
  changeResolved(draft, at, path, std::move(after));
  return Outcome();
}

}  // namespace cairn::nn
