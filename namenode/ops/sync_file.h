// syncFile: the bytes of the last chunk that its writer has brought to the disks count in the
// file's length.
// Layer: ops.
#pragma once

#include "namenode/ops/open_chunk.h"

namespace cairn::nn {

struct SyncFileRequest {
  InodeId file;
  ChunkVersion chunk;
  std::uint64_t length = 0;  // plain bytes of the chunk
};

// Nothing happens when as many are known already. NOT_FOUND, LEASE_EXPIRED, INVALID_ARGUMENT (more
// than a chunk holds; open_chunk.h), STALE.
Result<Outcome> syncFile(Draft& draft, Context& context, const SyncFileRequest& request);

}  // namespace cairn::nn
