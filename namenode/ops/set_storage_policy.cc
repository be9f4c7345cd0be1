#include "namenode/ops/set_storage_policy.h"

#include <algorithm>
#include <array>

#include "namenode/meta/records.h"
#include "namenode/ops/access.h"
#include "namenode/ops/directories.h"
#include "namenode/ops/resolve.h"

namespace cairn::nn {
namespace {

// PROVIDED, COLD, WARM, HOT, ONE_SSD, ALL_SSD, ALL_NVDIMM, LAZY_PERSIST: HdfsConstants of Hadoop
// 3.4. 0: none.
constexpr std::array<std::uint32_t, 9> POLICIES{0, 1, 2, 5, 7, 10, 12, 14, 15};

}  // namespace

Result<Outcome> setStoragePolicy(Draft& draft, Context& context, const Path& path,
                                 std::uint32_t policy) {
  if (std::ranges::find(POLICIES, policy) == POLICIES.end()) {
    return fail(Code::INVALID_ARGUMENT,
                "Cannot find a block policy with the id " + std::to_string(policy));
  }
  ASSIGN(const auto at, resolveExisting(draft, context.caller, path));
  TRY(checkAccess(context.caller, toPathNode(*at.entry), Access::WRITE, path.text()));
  record::Dirent after = *at.entry;
  after.set_storage_policy(policy);
  changeResolved(draft, at, path, std::move(after));
  return Outcome();
}

}  // namespace cairn::nn
