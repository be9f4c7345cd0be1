// stat: all attributes of one file or directory.
// Layer: ops.
#pragma once

#include "namenode/ops/context.h"
#include "namenode/ops/path.h"

namespace cairn::nn {

// NOT_FOUND, NOT_A_DIRECTORY (a file in the middle of the path), PERMISSION_DENIED (search).
// One row besides the directories on the path.
Result<record::Dirent> stat(const MetaView& view, const Caller& caller, const Path& path);

}  // namespace cairn::nn
