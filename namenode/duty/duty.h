// The duties themselves: each is one endless task on the state loop.
// Layer: duty.  `state` must outlive the promise; dropping the promise ends the duty.
#pragma once

#include <kj/async.h>

#include <cstdint>

#include "common/async/coroutine.h"
#include "namenode/audit/audit_sink.h"
#include "namenode/state/state.h"

namespace cairn::nn {

// Frees what removed trees held, and orders the deletes of their replicas (reclaim.cc).
kj::Promise<void> reclaimRemoved(State& state);
// Takes files from writers that have been silent for longer than the hard limit (expire_leases.cc).
kj::Promise<void> expireLeases(State& state);
// Has the last chunks of files that the namenode holds recovered, so that they can be closed
// (recover_chunks.cc).
kj::Promise<void> recoverChunks(State& state);
// Has copies made of chunks that have fewer than wanted, and surplus ones deleted
// (repair_chunks.cc).
kj::Promise<void> repairChunks(State& state);
// Drops recorded answers that nobody can ask for any more (sweep_calls.cc).
kj::Promise<void> sweepCalls(State& state);
// Notices datanodes that have fallen silent (watch_datanodes.cc).
kj::Promise<void> watchDatanodes(State& state);
// Turns safe mode on while there is little space left where the namenode writes (watch_space.cc).
// Ends at once where there is no limit.
kj::Promise<void> watchSpace(State& state);
// Takes datanodes out of the tables whose place another one has taken (forget_datanodes.cc).
kj::Promise<void> forgetDatanodes(State& state);
// Counts chunks that are short of replicas, ends safe mode by it, and has those looked at that have
// too few or too many (take_census.cc).
kj::Promise<void> takeCensus(State& state);
// Makes a checkpoint of each user's trash and removes old ones, at each checkpoint interval; HDFS's
// Emptier (empty_trash.cc). Ends at once where there is no trash. `audit`: null for none; outlives
// the promise.
kj::Promise<void> emptyTrash(State& state, AuditSink* audit);

inline kj::Promise<void> pause(State& state, std::uint32_t ms) {
  return state.host.timer.afterDelay(ms * kj::MILLISECONDS);
}

}  // namespace cairn::nn
