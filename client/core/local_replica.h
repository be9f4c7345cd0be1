// A final replica's file on this machine, read past its datanode.
// Layer: client/core.  Threads: any.  Every call blocks on the disk.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "client/core/buffer_pool.h"
#include "client/core/decoded_frames.h"
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

  // The same for ranges of a few KiB: frames that are packed come from `frames` or go there; raw
  // ones are read straight into `to` once the whole frame was found good. That is remembered for
  // RAW_READS_MAX reads of the frame: bytes that rot on the disk or in memory between two looks at
  // the whole can be handed out in between.
  Result<std::size_t> readSmall(DecodedFrames& frames, BufferPool& buffers, std::uint64_t offset,
                                MutableBytes to) const;

  // Of no other replica opened by this process, ever.
  std::uint64_t id() const { return id_; }

  // About: threads that read one frame at the same time may count as one. An estimate: looking at
  // 128 KiB takes some tens of us, which spread over so many reads is below a read's own cost.
  static constexpr std::uint8_t RAW_READS_MAX = 64;

private:
  LocalReplica(std::unique_ptr<io::File> file, ChunkId chunk, format::FrameIndex index);
  // What frame `span` holds from `skip` on into `to`; how many bytes.
  Result<std::size_t> readFrame(DecodedFrames& frames, BufferPool& buffers,
                                const format::FrameSpan& span, std::uint64_t skip,
                                MutableBytes to) const;
  // Reads the whole frame, checks and decodes it, and remembers that.
  Result<DecodedFrames::Plain> decode(DecodedFrames& frames, BufferPool& buffers,
                                      const format::FrameSpan& span) const;

  const std::uint64_t id_;
  const std::unique_ptr<io::File> file_;
  const ChunkId chunk_;
  const format::FrameIndex index_;
  // For each frame: how many more reads need not look at the whole. Only raw ones have any.
  const std::unique_ptr<std::atomic<std::uint8_t>[]> rawReads_;
};

}  // namespace cairn::client
