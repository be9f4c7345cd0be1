#include "namenode/ops/set_owner.h"

#include <algorithm>

#include "namenode/meta/keys.h"
#include "namenode/meta/records.h"
#include "namenode/ops/access.h"
#include "namenode/ops/directories.h"
#include "namenode/ops/resolve.h"

namespace cairn::nn {
namespace {

Result<void> checkPrincipal(std::string_view name) {
  const auto odd = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == ':'; };
  if (name.size() <= PRINCIPAL_BYTES_MAX && isUtf8(name) && std::ranges::none_of(name, odd)) {
    return {};
  }
  return fail(Code::INVALID_ARGUMENT, "an owner or group has at most " +
                                          std::to_string(PRINCIPAL_BYTES_MAX) +
                                          " bytes of UTF-8 without control characters and colons");
}

}  // namespace

Result<Outcome> setOwner(Draft& draft, Context& context, const SetOwnerRequest& request) {
  const Caller& caller = context.caller;
  TRY(checkPrincipal(request.owner));
  TRY(checkPrincipal(request.group));
  ASSIGN(const auto at, resolveExisting(draft, caller, request.path));
  TRY(requireOwner(caller, toPathNode(*at.entry), request.path.text()));
  if (!caller.superuser) {
    if (!request.owner.empty() && request.owner != caller.user) {
      return fail(
          Code::PERMISSION_DENIED,
          "User " + caller.user + " is not a super user (non-super user cannot change owner).");
    }
    if (!request.group.empty() &&
        std::ranges::find(caller.groups, request.group) == caller.groups.end()) {
      return fail(Code::PERMISSION_DENIED,
                  "User " + caller.user + " does not belong to " + std::string(request.group));
    }
  }
  record::Dirent after = *at.entry;
  if (!request.owner.empty()) after.set_owner(std::string(request.owner));
  if (!request.group.empty()) after.set_group(std::string(request.group));
  changeResolved(draft, at, request.path, std::move(after));
  return Outcome();
}

}  // namespace cairn::nn
