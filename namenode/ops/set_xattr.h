// setXAttr: sets an extended attribute of a file or directory.
// Layer: ops.
#pragma once

#include <string_view>

#include "namenode/ops/context.h"
#include "namenode/ops/path.h"

namespace cairn::nn {

struct SetXAttrRequest {
  const Path& path;
  std::string_view name;  // with its namespace
  std::string_view value;
  bool create = true;   // it need not exist
  bool replace = true;  // it may exist
};

// INVALID_ARGUMENT: what can be no name; it exists without `replace`, or does not without `create`;
// neither is set. LIMIT_EXCEEDED: XATTR_BYTES_MAX, XATTRS_PER_INODE_MAX. PERMISSION_DENIED
// (xattrs.h), NOT_FOUND, NOT_A_DIRECTORY. Reads all attributes of the entry.
Result<Outcome> setXAttr(Draft& draft, Context& context, const SetXAttrRequest& request);

}  // namespace cairn::nn
