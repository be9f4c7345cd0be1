#include "namenode/ops/set_replication.h"

#include "common/base/limits.h"
#include "namenode/meta/records.h"
#include "namenode/ops/access.h"
#include "namenode/ops/directories.h"
#include "namenode/ops/resolve.h"

namespace cairn::nn {

Result<void> checkReplication(std::uint32_t replication, const Path& path) {
  if (replication >= 1 && replication <= limits::REPLICATION_MAX) return {};
  return fail(
      Code::INVALID_ARGUMENT,
      "Requested replication factor of " + std::to_string(replication) +
          (replication < 1 ? " is less than the required minimum of 1"
                           : " exceeds maximum of " + std::to_string(limits::REPLICATION_MAX)) +
          " for " + path.text());
}

Result<Outcome> setReplication(Draft& draft, Context& context, const Path& path,
                               std::uint32_t replication) {
  TRY(checkReplication(replication, path));
  ASSIGN(const auto at, resolveExisting(draft, context.caller, path));
  TRY(checkAccess(context.caller, toPathNode(*at.entry), Access::WRITE, path.text()));
  Outcome outcome;
  if (isDirectory(*at.entry)) return outcome;
  record::Dirent after = *at.entry;
  after.set_replication(replication);
  const InodeId file(after.id());
  changeResolved(draft, at, path, std::move(after));
  outcome.otherReplication = file;
  outcome.answer.set_flag(true);
  return outcome;
}

}  // namespace cairn::nn
