// Walks the frames of a replica's file one after the other, in pieces, and reads some of them.
// Layer: datanode/store.  Threads: every call may block; any thread, one at a time.
#pragma once

#include <cstdint>
#include <optional>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/format/chunk_header.h"
#include "common/format/chunk_scan.h"
#include "common/format/frame.h"
#include "common/format/frame_index.h"
#include "common/io/disk.h"
#include "datanode/store/replica_name.h"

namespace cairn::dn {

// The header of the file of this chunk. CORRUPT when it is none, or is another chunk's.
Result<format::ChunkHeader> readHeader(io::File& file, ChunkId chunk, const ClusterId& cluster);

// Reads the span's frames, checks them, and leaves them in `to`. CORRUPT unless they are the frames
// of the chunk that the span names.
// REQUIRES: the span is not empty; to.size() == span.fileLength.
Result<void> readFrames(io::File& file, ChunkId chunk, std::uint32_t frameSize,
                        const format::FrameSpan& span, MutableBytes to);

// Feeds a scan with the frames that hold the first `length` plain bytes, and no others.
class FrameWalk {
public:
  // `file` outlives it. `frameSize`: of its header.
  FrameWalk(io::File& file, std::uint32_t frameSize, std::uint64_t length);

  // Takes the next piece (about 1 MiB of the file). True when there is nothing more to take: the
  // scan has `length` bytes, or what follows goes beyond them, or is no whole good frame. IO_ERROR.
  // The scan begins at the chunk's start; the same one at each call.
  Result<bool> next(format::ChunkScan& scan);
  // next() until it is true.
  Result<void> all(format::ChunkScan& scan);
  // The frame that next() met last and that goes beyond `length`; null when there was none. Nobody
  // has checked it. Valid until the next call.
  const format::Frame* beyond() const { return beyond_ ? &*beyond_ : nullptr; }
  // The frames that the last call gave to the scan, as they stand in the file.
  ByteView taken() const { return taken_; }

private:
  io::File& file_;
  const std::uint32_t frameSize_;
  const std::uint64_t length_;
  ByteVector piece_;
  ByteView taken_;
  std::optional<format::Frame> beyond_;
};

}  // namespace cairn::dn
