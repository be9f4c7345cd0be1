// setPermission: the mode of a file or directory.
// Layer: ops.
#pragma once

#include "namenode/ops/context.h"
#include "namenode/ops/path.h"

namespace cairn::nn {

// For the owner and superusers: PERMISSION_DENIED. INVALID_ARGUMENT: bits beyond MODE_MAX;
// NOT_FOUND, NOT_A_DIRECTORY. The sticky bit of a file means nothing.
Result<Outcome> setPermission(Draft& draft, Context& context, const Path& path, std::uint16_t mode);

}  // namespace cairn::nn
