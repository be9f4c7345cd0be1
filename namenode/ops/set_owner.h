// setOwner: owner and group of a file or directory.
// Layer: ops.
#pragma once

#include <string_view>

#include "namenode/ops/context.h"
#include "namenode/ops/path.h"

namespace cairn::nn {

struct SetOwnerRequest {
  const Path& path;
  std::string_view owner;  // "": stays
  std::string_view group;  // "": stays
};

// Another owner may be set by superusers alone, another group also by the owner of the entry who is
// in it: PERMISSION_DENIED. Whether anybody knows the names does not matter. INVALID_ARGUMENT for
// what can be no name; NOT_FOUND, NOT_A_DIRECTORY.
Result<Outcome> setOwner(Draft& draft, Context& context, const SetOwnerRequest& request);

}  // namespace cairn::nn
