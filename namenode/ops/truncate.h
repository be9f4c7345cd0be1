// truncate: shortens a finished file.
// Layer: ops.
#pragma once

#include <cstdint>

#include "namenode/ops/context.h"
#include "namenode/ops/path.h"

namespace cairn::nn {

struct TruncateRequest {
  const Path& path;
  std::uint64_t length = 0;  // plain bytes
};

// answer.flag: whether it is done. It is when the new end is the border of a chunk. Otherwise the
// chunk that holds the new end has to be cut on its datanodes: the file has its new length at once,
// but is under construction, held by the namenode, until chunk recovery (recover_chunk.h) has done
// it; to ask for the same length again meanwhile is no error.
// NOT_FOUND, IS_A_DIRECTORY, NOT_A_DIRECTORY, PERMISSION_DENIED (write on the file), LEASE_CONFLICT
// (claim_file.h), INVALID_ARGUMENT (longer than the file). O(chunks cut off).
Result<Outcome> truncate(Draft& draft, Context& context, const TruncateRequest& request);

}  // namespace cairn::nn
