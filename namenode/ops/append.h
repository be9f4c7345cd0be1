// append: opens a finished file for writing at its end.
// Layer: ops.
#pragma once

#include <functional>

#include "namenode/ops/context.h"
#include "namenode/ops/path.h"

namespace cairn::nn {

struct AppendRequest {
  const Path& path;
  bool newChunk = false;  // as if the last chunk were full
  // Whether a chunk's copy on this datanode can be written to now.
  const std::function<bool(NodeId node, ChunkId chunk)>& usable;
};

// answer.entry: the file, its lease the caller's, its length as it was. answer.allocation: its last
// chunk when that has room: it is under construction again, its pipeline the datanodes with a copy
// that can be had, and answer.allocation.offset() + its length is the file's length. No allocation
// (chunk 0) when the file is empty, its last chunk full, or with `newChunk`.
// NOT_FOUND, IS_A_DIRECTORY, NOT_A_DIRECTORY, PERMISSION_DENIED (write on the file), LEASE_CONFLICT
// (claim_file.h), LIMIT_EXCEEDED (open files of the client), UNAVAILABLE (no usable copy of the
// last chunk).
Result<Outcome> append(Draft& draft, Context& context, const AppendRequest& request);

}  // namespace cairn::nn
