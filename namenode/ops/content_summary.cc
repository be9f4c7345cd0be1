#include "namenode/ops/content_summary.h"

#include "namenode/meta/records.h"
#include "namenode/ops/access.h"
#include "namenode/ops/resolve.h"

namespace cairn::nn {

Result<Totals> contentSummary(const MetaView& view, const Caller& caller, const Path& path) {
  ASSIGN(const auto at, resolveExisting(view, caller, path));
  Totals totals = totalsOf(*at.entry);
  if (!isDirectory(*at.entry)) return totals;
  TRY(checkAccess(caller, toPathNode(*at.entry), Access::READ_EXECUTE, path.text()));
  ASSIGN(const auto below, findSummary(view, InodeId(at.entry->id())));
  if (below.has_value()) totals.add(totalsOf(*below));
  return totals;
}

}  // namespace cairn::nn
