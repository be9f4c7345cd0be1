// remove: takes a file or a directory out of the namespace, at once, whatever its size.
// Layer: ops.
#pragma once

#include <optional>

#include "namenode/ops/context.h"
#include "namenode/ops/path.h"

namespace cairn::nn {

struct RemoveRequest {
  const Path& path;
  bool recursive = false;
  // The caller has proved its rights below the directory (subtree_check.h) for this very inode.
  std::optional<InodeId> checkedBelow;
};

// answer.flag: whether there was something. NOT_EMPTY without `recursive`; PERMISSION_DENIED (write
// on the parent, sticky bit); INVALID_ARGUMENT for the root. STALE when rights below a directory
// have to be checked first and checkedBelow does not name it.
Result<Outcome> remove(Draft& draft, Context& context, const RemoveRequest& request);

}  // namespace cairn::nn
