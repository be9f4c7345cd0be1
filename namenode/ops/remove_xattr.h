// removeXAttr: takes an extended attribute away.
// Layer: ops.
#pragma once

#include <string_view>

#include "namenode/ops/context.h"
#include "namenode/ops/path.h"

namespace cairn::nn {

// `name`: with its namespace. INVALID_ARGUMENT: the entry has none of that name, or it can be no
// name; PERMISSION_DENIED (xattrs.h), NOT_FOUND, NOT_A_DIRECTORY.
Result<Outcome> removeXAttr(Draft& draft, Context& context, const Path& path,
                            std::string_view name);

}  // namespace cairn::nn
