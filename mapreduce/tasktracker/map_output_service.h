// What a task tracker offers to reduces of other hosts: the bytes of the map outputs it holds.
// Layer: mapreduce/tasktracker.  Threads: one event loop; reads on the work pool.
#pragma once

#include "common/rpc/acceptor.h"
#include "common/schema/tracker.capnp.h"
#include "mapreduce/tasktracker/layout.h"
#include "mapreduce/tasktracker/metrics.h"

namespace cairn::mr {

// Bytes one answer carries at most.
inline constexpr std::uint32_t SHUFFLE_PIECE_BYTES = 1 << 20;

// `host`, `layout` and `metrics` outlive the connection and its calls.
wire::MapOutputs::Client newMapOutputService(rpc::Host& host, const Layout& layout,
                                             TaskTrackerMetrics& metrics,
                                             kj::Own<rpc::SentBuffers> sentBuffers);

}  // namespace cairn::mr
