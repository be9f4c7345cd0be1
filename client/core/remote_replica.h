// Reads plain bytes of a replica through its datanode.
// Layer: client/core.  Threads: one event loop; decoding on the work pool.
#pragma once

#include <kj/async.h>

#include "client/core/wire_types.h"
#include "common/async/coroutine.h"
#include "common/base/bytes.h"
#include "common/rpc/client_pool.h"
#include "common/rpc/host.h"

namespace cairn::client {

// Fetches the frames that hold the chunk's byte `offset` and what follows, at most one reply's
// worth, checks and decodes them into `to`. How many bytes were filled from its start on: 0 when
// the replica ends at or before `offset`. UNAVAILABLE, TIMED_OUT (after `deadlineMs`), CORRUPT
// (here or there), and the datanode's own. `to` may have been written to in part after an error.
// All references, and the memory of `to`, must stay until the promise settles or is dropped.
kj::Promise<Result<std::size_t>> readRemoteReplica(rpc::Host& host, rpc::ClientPool& connections,
                                                   std::uint32_t deadlineMs,
                                                   const LocatedChunk& chunk,
                                                   const DatanodeAddress& replica,
                                                   std::uint64_t offset, MutableBytes to);

}  // namespace cairn::client
