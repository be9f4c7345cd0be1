// How much of a replica its datanode shows to readers.
// Layer: client/core.  Threads: one event loop.
#pragma once

#include <kj/async.h>

#include <cstdint>

#include "client/core/session.h"
#include "client/core/wire_types.h"

namespace cairn::client {

// In plain bytes. Of one that is being written: what every node of its pipeline behind this one
// has, too. UNAVAILABLE, TIMED_OUT, and the datanode's own (NOT_FOUND: it has no replica of the
// chunk, and has not lost one; STALE: of another generation alone, which will not do). `session`
// must stay until the promise settles or is dropped.
kj::Promise<Result<std::uint64_t>> visibleLengthAt(Session& session, LocatedChunk chunk,
                                                   DatanodeAddress node);

}  // namespace cairn::client
