// How many frames a chunk has, so that an append goes on with their numbers.
// Layer: client/core.  Threads: one event loop.
#pragma once

#include <kj/async.h>

#include <cstdint>

#include "client/core/session.h"
#include "client/core/wire_types.h"
#include "common/async/coroutine.h"

namespace cairn::client {

// Reads the chunk's last frame from whichever replica serves it, and checks it. UNAVAILABLE, or
// CORRUPT when damage is all there is, naming each replica's failure. REQUIRES: chunk.at.length is
// above 0. `session` outlives the promise.
kj::Promise<Result<std::uint32_t>> framesOfTail(Session& session, LocatedChunk chunk);

// The number of the last of these frames and 1. CORRUPT unless they are whole, undamaged and the
// chunk's, and end at `length` plain bytes of it. Pure.
Result<std::uint32_t> framesUpTo(ByteView frames, ChunkId chunk, std::uint64_t offset,
                                 std::uint64_t length);

}  // namespace cairn::client
