// A file being written: cuts bytes into packets of frames, compresses and digests them once, in
// parallel, and sends them down the pipeline of each chunk.
// Layer: client/core.  Threads: one event loop; encoding on the work pool.  Made by
// FileSystem::create() and append().
//
// Datanodes that fail are replaced or left out, whatever the moment; a writer fails only when none
// is left that has the chunk (pipeline_plan.h), or when the namenode refuses. After that error
// every call returns it and the file stays incomplete. Destroying an open writer abandons it.
#pragma once

#include <kj/async.h>

#include <cstdint>

#include "cairn/types.h"
#include "common/async/coroutine.h"
#include "common/base/bytes.h"
#include "common/base/result.h"

namespace cairn::client {

enum class FlushTo : std::uint8_t {
  MEMORY,  // of every datanode of the pipeline: HDFS's hflush
  DISK,    // of each of them: HDFS's hsync
};

class FileWriter {
public:
  virtual ~FileWriter() noexcept(false) = default;

  // Where the next bytes are to be put: at least one byte, never past a packet's or a chunk's end.
  // Waits while too much is unsent or unacknowledged. The memory stays valid until fill(), flush()
  // or close(), and may be filled by another thread. One call at a time, flush() and close()
  // included.
  virtual kj::Promise<Result<MutableBytes>> room() = 0;
  // The memory of a whole packet, which room() yields when fill() has made the packet before it
  // full. Who fills that one on another thread can then go on without waiting for this loop. Waits
  // as room() does; no other call meanwhile, unless the promise is dropped. Of no use any more
  // after flush() or close(). REQUIRES: room() was given, and its packet is not full.
  virtual kj::Promise<Result<MutableBytes>> roomBehind() = 0;
  // Takes over the first `bytes` of the room last given; a full packet goes to the encoder.
  virtual void fill(std::size_t bytes) = 0;
  // room() and fill() until all of `bytes` is taken over: one copy. They must stay until then.
  virtual kj::Promise<Result<void>> write(ByteView bytes) = 0;

  // Answered when every byte taken over so far is where `to` says, on all nodes of its chunk's
  // pipeline, or is part of a finished chunk. Readers see it then; with DISK, the length that the
  // namenode tells includes it. Costs a frame, which ends early, and a round trip.
  virtual kj::Promise<Result<void>> flush(FlushTo to) = 0;

  // Seals the last chunk and completes the file. Answered when all its bytes are durable.
  virtual kj::Promise<Result<Entry>> close() = 0;
  // Sends nothing more and lets the lease go stale.
  virtual void abandon() = 0;

  // Offset in the file behind the last byte taken over, and behind the last one that every node of
  // its pipeline has.
  virtual std::uint64_t position() const = 0;
  virtual std::uint64_t acknowledged() const = 0;
};

}  // namespace cairn::client
