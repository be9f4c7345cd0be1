// Takes in what another datanode has of a replica: of one that is being written, for the node that
// joins a pipeline in place of one that failed; of a finished one, because there are too few.
// Layer: datanode/pipeline.  Threads: one event loop.
#pragma once

#include <kj/async.h>
#include <kj/timer.h>

#include <cstdint>
#include <string>

#include "common/base/result.h"
#include "common/rpc/client_pool.h"
#include "datanode/store/buffer_budget.h"
#include "datanode/store/replica_store.h"

namespace cairn::dn {

// What a copy is made with; all outlive it.
struct FetchParts {
  kj::Timer& timer;
  ReplicaStore& store;
  BufferBudget& budget;
  rpc::ClientPool& peers;  // connections to other datanodes
};

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
kj::Promise<Result<void>> fetchReplica(FetchParts parts, FetchRequest request);

// The same as a final replica, of all the source's bytes: each frame is unpacked, so that no fault
// of an encoder or a memory goes on unseen. Done at once when it is here already, and told once
// more; one of another length is put aside when the copy is complete. Nothing of it is in the table
// before it is whole and durable. The errors of fetchReplica(), but those of
// ReplicaStore::publish() in place of adopt()'s.
kj::Promise<Result<void>> fetchFinal(FetchParts parts, FetchRequest request);

}  // namespace cairn::dn
