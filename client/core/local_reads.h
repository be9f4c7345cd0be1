// Small positional reads of one open file on the calling thread, past the event loop, from replicas
// on this machine whose descriptors the loop has got already.
// Layer: client/core.  Threads: every call from any thread at any time.
//
// A short cut and no more: whatever it cannot serve (a chunk that was not read yet, damage, an
// error of the disk, a replica closed meanwhile) it leaves to OpenFile::pread, which meets the same
// again, reports it and asks another replica. It neither waits for anyone nor hedges: a disk that
// hangs holds up its callers.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <shared_mutex>

#include "client/core/buffer_pool.h"
#include "client/core/decoded_frames.h"
#include "client/core/local_replica.h"
#include "common/base/bytes.h"

namespace cairn::client {

class LocalReads {
public:
  LocalReads(std::shared_ptr<DecodedFrames> frames, std::shared_ptr<BufferPool> buffers)
      : frames_(std::move(frames)), buffers_(std::move(buffers)) {}
  LocalReads(const LocalReads&) = delete;
  LocalReads& operator=(const LocalReads&) = delete;

  // The chunk at `offset` of the file, `length` bytes long, can be read from there. The replica is
  // not kept alive: LocalReplicas bounds how many are open.
  void offer(std::uint64_t offset, std::uint64_t length,
             const std::shared_ptr<const LocalReplica>& replica);
  // Forgets all replicas: the file may have other chunks now.
  void clear();

  // Fills all of `to` from `offset` of the file on; false when it cannot, and `to` may have been
  // written to in part then. REQUIRES: the range lies within the file's length.
  bool read(std::uint64_t offset, MutableBytes to);

  // What is larger is left to the loop, which spreads it over the work pool.
  static constexpr std::size_t BYTES_MAX = 256 * 1024;

private:
  struct Chunk {
    std::uint64_t length;
    std::weak_ptr<const LocalReplica> replica;
  };
  struct Place {
    std::shared_ptr<const LocalReplica> replica;  // null: none is known, or it is closed
    std::uint64_t inChunk = 0;
    std::uint64_t left = 0;  // of the chunk
  };
  Place placeOf(std::uint64_t offset) const;

  const std::shared_ptr<DecodedFrames> frames_;
  const std::shared_ptr<BufferPool> buffers_;
  mutable std::shared_mutex mutex_;
  std::map<std::uint64_t, Chunk> chunks_;  // by their first byte's offset in the file
};

}  // namespace cairn::client
