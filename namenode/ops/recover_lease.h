// recoverLease: takes a file from its writer, silent or not, and has it closed.
// Layer: ops.
#pragma once

#include "namenode/ops/context.h"
#include "namenode/ops/path.h"

namespace cairn::nn {

// answer.flag: whether the file is closed now; false: recovery of its last chunk is under way, ask
// again. NOT_FOUND, IS_A_DIRECTORY, NOT_A_DIRECTORY, PERMISSION_DENIED (write on the file, as in
// HDFS: who may write it may take it).
Result<Outcome> recoverLease(Draft& draft, Context& context, const Path& path);

}  // namespace cairn::nn
