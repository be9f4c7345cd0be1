// setStoragePolicy: where HDFS would keep the replicas of a file, or of the files below a
// directory. Kept and told; the namenode places chunks without regard to it. Layer: ops.
#pragma once

#include "namenode/ops/context.h"
#include "namenode/ops/path.h"

namespace cairn::nn {

// `policy`: HDFS's number of one of its policies; 0: none of its own any more. INVALID_ARGUMENT
// (there is no such policy), PERMISSION_DENIED (write on the entry), NOT_FOUND, NOT_A_DIRECTORY.
Result<Outcome> setStoragePolicy(Draft& draft, Context& context, const Path& path,
                                 std::uint32_t policy);

}  // namespace cairn::nn
