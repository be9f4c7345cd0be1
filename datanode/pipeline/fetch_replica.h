// Takes in what another datanode has of a replica that is being written: for the node that joins a
// pipeline in place of one that failed.
// Layer: datanode/pipeline.  Threads: one event loop.
#pragma once

#include <kj/async.h>

#include <cstdint>
#include <string>

#include "common/base/result.h"
#include "datanode/pipeline/open_pipeline.h"

namespace cairn::dn {

struct FetchRequest {
  ReplicaKey key;
  std::uint64_t length = 0;  // plain bytes: a frame ends there
  NodeId source;
  std::string address;  // of the source
};

// Copies the frames as they are, each checked, into an unfinished replica of the same generation;
// durable when it returns. Done at once when one with so many bytes is here already. Before that
// nothing of it is in the table: a copy that was cut short must not count as what a writer left.
// INVALID_ARGUMENT when the source has less, or no frame ends there; CORRUPT; UNAVAILABLE,
// TIMED_OUT; the errors of ReplicaStore::beginCopy() and adopt().
kj::Promise<Result<void>> fetchReplica(PipelineParts parts, FetchRequest request);

}  // namespace cairn::dn
