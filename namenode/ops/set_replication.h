// setReplication: how many replicas of a file's chunks are wanted.
// Layer: ops.
#pragma once

#include "namenode/ops/context.h"
#include "namenode/ops/path.h"

namespace cairn::nn {

// INVALID_ARGUMENT, with HDFS's text, unless 1 to REPLICATION_MAX.
Result<void> checkReplication(std::uint32_t replication, const Path& path);

// answer.flag: whether the path is a file; a directory stays as it is. Copies come and go later
// (outcome.otherReplication).
// NOT_FOUND, NOT_A_DIRECTORY, PERMISSION_DENIED (write on the entry), INVALID_ARGUMENT.
Result<Outcome> setReplication(Draft& draft, Context& context, const Path& path,
                               std::uint32_t replication);

}  // namespace cairn::nn
