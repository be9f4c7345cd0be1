// The job tracker's Cap'n Proto objects: decode, call the Core, encode.
// Layer: mapreduce/jobtracker.  Threads: one event loop.  The Core outlives them.
#pragma once

#include <capnp/capability.h>

#include "common/rpc/acceptor.h"
#include "mapreduce/jobtracker/core.h"

namespace cairn::mr {

// For role CLIENT.
wire::JobTracker::Client newClientService(Core& core);

// For role TASK_TRACKER. `heartbeatMs`: what trackers are asked for.
wire::TrackerMaster::Client newTrackerService(Core& core, std::uint32_t heartbeatMs);

}  // namespace cairn::mr
