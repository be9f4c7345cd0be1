// A file being written: cuts bytes into packets of frames, compresses and digests them once, in
// parallel, and sends them down the pipeline of each chunk.
// Layer: client/core.  Threads: one event loop; encoding on the work pool.  Made by
// FileSystem::create().
//
// After the first error every call returns that error and the file stays incomplete. Destroying an
// open writer abandons it.
#pragma once

#include <kj/async.h>

#include <cstdint>

#include "cairn/types.h"
#include "common/async/coroutine.h"
#include "common/base/bytes.h"
#include "common/base/result.h"

namespace cairn::client {

class FileWriter {
public:
  virtual ~FileWriter() noexcept(false) = default;

  // Where the next bytes are to be put: at least one byte, never past a packet's or a chunk's end.
  // Waits while too much is unsent or unacknowledged. The memory stays valid until fill() or
  // close(), and may be filled by another thread. One call at a time.
  virtual kj::Promise<Result<MutableBytes>> room() = 0;
  // Takes over the first `bytes` of the room last given; a full packet goes to the encoder.
  virtual void fill(std::size_t bytes) = 0;
  // room() and fill() until all of `bytes` is taken over: one copy. They must stay until then.
  virtual kj::Promise<Result<void>> write(ByteView bytes) = 0;

  // Seals the last chunk and completes the file. Answered when all its bytes are durable.
  virtual kj::Promise<Result<Entry>> close() = 0;
  // Sends nothing more and lets the lease go stale.
  virtual void abandon() = 0;

  // Plain bytes taken over; acknowledged by every node of the pipeline.
  virtual std::uint64_t position() const = 0;
  virtual std::uint64_t acknowledged() const = 0;
};

}  // namespace cairn::client
