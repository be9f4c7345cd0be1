// Looks for a good frame behind a place in a file where none stands: whether the file is torn
// there, or damaged in its middle. Layer: datanode/store.  Threads: every call may block; any
// thread, one at a time. Cost: a read of what is behind, a piece at a time, and about a nanosecond
// a byte.
#pragma once

#include <cstdint>

#include "common/base/bytes.h"
#include "common/base/ids.h"
#include "common/base/result.h"
#include "common/io/disk.h"

namespace cairn::dn {

class LaterFrame {
public:
  // A file may hold bytes that were made to look like headers of long frames everywhere. When so
  // many were checked, one is taken as found: to find none is what costs bytes.
  static constexpr std::uint64_t CHECKED_BYTES_MAX = std::uint64_t{256} << 20;

  // Behind byte `at`, where frame `sequence` of the chunk should stand. `file` outlives it.
  LaterFrame(io::File& file, ChunkId chunk, std::uint32_t frameSize, std::uint64_t at,
             std::uint32_t sequence);

  // Looks through the next piece (1 MiB). True when it is decided. IO_ERROR.
  Result<bool> next();
  // A whole frame of the chunk with a good checksum and a higher number. REQUIRES: next() was true.
  bool found() const { return found_; }

private:
  // Whether one starts with the first of these bytes.
  bool isFrame(ByteView bytes);

  io::File& file_;
  const ChunkId chunk_;
  const std::uint32_t frameSize_;
  std::uint64_t at_;
  const std::uint32_t sequence_;
  std::uint64_t checkedBytes_ = 0;
  bool found_ = false;
  ByteVector piece_;
};

}  // namespace cairn::dn
