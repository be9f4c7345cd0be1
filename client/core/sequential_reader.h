// Reads a file in order, with several packets fetched and decoded ahead of the consumer, across the
// borders of chunks.
// Layer: client/core.  Threads: one event loop.
#pragma once

#include <kj/async.h>

#include <cstdint>
#include <deque>

#include "client/core/file_reader.h"
#include "client/core/range_reader.h"

namespace cairn::client {

class SequentialReader {
public:
  // All references outlive it. At most `readAheadBytes` are fetched ahead (0: none).
  SequentialReader(Session& session, FileLayout& layout, RangeReader& ranges,
                   std::uint64_t readAheadBytes);
  KJ_DISALLOW_COPY(SequentialReader);

  // As FileReader says.
  kj::Promise<Result<PlainBytes>> next();
  void seek(std::uint64_t offset, std::uint64_t end);
  std::uint64_t position() const { return position_; }

  // One request: as much as a reply holds, from a multiple of it on, so that requests meet at
  // borders of frames.
  static constexpr std::uint64_t SEGMENT_BYTES = limits::PACKET_PLAIN_BYTES;
  // Behind the announced end: what a reader of lines needs to finish its last one.
  static constexpr std::uint64_t TAIL_SEGMENT_BYTES = limits::FRAME_SIZE_DEFAULT;

private:
  struct Segment {
    std::uint64_t offset;
    std::uint64_t length;
    kj::ForkedPromise<Result<PlainBytes>> bytes;
  };
  kj::Promise<Result<void>> fetchAhead();
  kj::Promise<Result<PlainBytes>> fetch(FileLayout::Chunk chunk, std::uint64_t offset,
                                        std::uint64_t length);

  Session& session_;
  FileLayout& layout_;
  RangeReader& ranges_;
  const std::size_t segmentsMax_;
  std::size_t segments_;  // ahead now: doubles from 1 up to the maximum as the reader goes on
  std::uint64_t position_ = 0;
  std::uint64_t planned_ = 0;  // end of what is fetched or being fetched
  std::uint64_t end_ = UINT64_MAX;
  std::deque<Segment> ahead_;
};

}  // namespace cairn::client
