// A final replica's file on this machine, read past its datanode.
// Layer: client/core.  Threads: immutable once open; any.  Every call blocks on the disk.
#pragma once

#include <cstdint>
#include <memory>

#include "client/core/buffer_pool.h"
#include "common/base/bytes.h"
#include "common/base/ids.h"
#include "common/base/result.h"
#include "common/format/frame_index.h"
#include "common/io/disk.h"

namespace cairn::client {

class LocalReplica {
public:
  // Reads header, footer and trailer: three reads. CORRUPT when they are damaged or another
  // chunk's; UNSUPPORTED_VERSION; IO_ERROR.
  static Result<std::shared_ptr<const LocalReplica>> open(std::unique_ptr<io::File> file,
                                                          ChunkId chunk);

  // Checks and decodes what holds the chunk's bytes from `offset` on into `to`, a packet's worth at
  // most. How many bytes were filled; 0 at or behind the replica's end. CORRUPT, IO_ERROR.
  Result<std::size_t> read(BufferPool& buffers, std::uint64_t offset, MutableBytes to) const;

private:
  LocalReplica(std::unique_ptr<io::File> file, format::FrameIndex index)
      : file_(std::move(file)), index_(std::move(index)) {}

  const std::unique_ptr<io::File> file_;
  const format::FrameIndex index_;
};

}  // namespace cairn::client
