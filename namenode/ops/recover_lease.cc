#include "namenode/ops/recover_lease.h"

#include "namenode/meta/records.h"
#include "namenode/ops/access.h"
#include "namenode/ops/release_lease.h"
#include "namenode/ops/resolve.h"

namespace cairn::nn {

Result<Outcome> recoverLease(Draft& draft, Context& context, const Path& path) {
  ASSIGN(const auto at, resolveFile(draft, context.caller, path));
  TRY(checkAccess(context.caller, toPathNode(*at.entry), Access::WRITE, path.text()));
  if (!at.entry->under_construction()) {
    Outcome outcome;
    outcome.answer.set_flag(true);
    return outcome;
  }
  return releaseLease(draft, context.nowMs, InodeId(at.entry->id()));
}

}  // namespace cairn::nn
