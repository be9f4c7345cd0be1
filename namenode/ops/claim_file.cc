#include "namenode/ops/claim_file.h"

namespace cairn::nn {

std::unexpected<Status> refuseOpenFile(Context& context, const Path& path,
                                       const record::Dirent& file, std::string_view operation) {
  const std::string failed = "Failed to " + std::string(operation) + " " + path.text() + " for " +
                             context.caller.client.toString() + " because ";
  const InodeId inode(file.id());
  const auto holder = context.leases.holderOf(inode);
  if (holder.has_value() && *holder == LeaseBook::NAMENODE) {
    return fail(Code::LEASE_CONFLICT, failed + "lease recovery is in progress. Try again later.",
                RECOVERY_RETRY_MS);
  }
  if (holder.has_value() && *holder == context.caller.client) {
    return fail(Code::LEASE_CONFLICT, failed + "current leaseholder is trying to recreate file");
  }
  if (!holder.has_value() || context.leases.softExpired(*holder, context.awakeMs)) {
    context.closeFirst = inode;
  }
  return fail(Code::LEASE_CONFLICT,
              failed + "this file lease is currently owned by " +
                  (holder.has_value() ? holder->toString() : std::string("nobody")));
}

}  // namespace cairn::nn
