// concat: moves the chunks of files to the end of another, without copying a byte.
// Layer: ops.
#pragma once

#include <span>

#include "namenode/ops/context.h"
#include "namenode/ops/path.h"

namespace cairn::nn {

struct ConcatRequest {
  const Path& target;
  std::span<const Path> sources;  // in this order; they are gone afterwards
};

// The rules of HDFS 3: all are different closed files of one directory; no source is empty or has a
// greater chunk size than the target. Chunks need not be full (HDFS-3689). The chunks get the
// target's replication. INVALID_ARGUMENT otherwise; LIMIT_EXCEEDED (CHUNKS_PER_FILE_MAX in all);
// NOT_FOUND, IS_A_DIRECTORY, NOT_A_DIRECTORY; PERMISSION_DENIED (write on the target, read on the
// sources, write and the sticky bit of their directory). Four rows a chunk: 10,000 chunks hold up
// other changes for some 50 ms.
Result<Outcome> concat(Draft& draft, Context& context, const ConcatRequest& request);

}  // namespace cairn::nn
