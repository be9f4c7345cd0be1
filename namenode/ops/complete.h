// complete: commits the last chunk of an open file, closes the file and gives up its lease.
// Layer: ops.
#pragma once

#include "namenode/ops/commit_chunk.h"
#include "namenode/ops/context.h"

namespace cairn::nn {

struct CompleteRequest {
  InodeId file;
  ChunkCommit last;
};

// answer.entry: the file as it is now. A file that this call has closed before is no error: the
// last chunk tells. NOT_FOUND, LEASE_EXPIRED; errors of commitLastChunk; INVALID_ARGUMENT when its
// last chunk is neither committed nor named here.
Result<Outcome> complete(Draft& draft, Context& context, const CompleteRequest& request);

}  // namespace cairn::nn
