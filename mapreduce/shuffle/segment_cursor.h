// Walks the records of one segment, in memory or in a file, checking each block as it comes.
// Layer: mapreduce shuffle.  Threads: one.
// Cost: from memory no copy (raw) or one decompression; from a file a block's buffer and a read
// call for every block.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "cairn/mr/record_buffer.h"
#include "common/base/bytes.h"
#include "common/base/result.h"
#include "mapreduce/shuffle/block_format.h"
#include "mapreduce/shuffle/segment_index.h"

namespace cairn::mr {

class SegmentCursor {
public:
  // The bytes outlive the cursor. place.offset does not count.
  SegmentCursor(ByteView segment, const SegmentPlace& place);
  // The descriptor outlives the cursor.
  SegmentCursor(int fd, const SegmentPlace& place);
  ~SegmentCursor();
  SegmentCursor(const SegmentCursor&) = delete;
  SegmentCursor& operator=(const SegmentCursor&) = delete;

  // Moves to the next record, from before the first. False at the end, and when failure() is set.
  bool next() {
    if (at_ == end_ && !nextBlock()) return false;
    std::uint32_t keyBytes = 0;
    std::uint32_t valueBytes = 0;
    if (!getLength(at_, end_, keyBytes) || !getLength(at_, end_, valueBytes) ||
        std::uint64_t{keyBytes} + valueBytes > static_cast<std::uint64_t>(end_ - at_))
        [[unlikely]] {
      return damaged("a record does not fit its block");
    }
    key_ = {at_, keyBytes};
    value_ = {at_ + keyBytes, valueBytes};
    at_ += keyBytes + valueBytes;
    prefix_ = RecordBuffer::prefixOf(key_);
    ++records_;
    return true;
  }
  // Of the current record; valid until the next call of next().
  std::string_view key() const { return key_; }
  std::string_view value() const { return value_; }
  std::uint64_t prefix() const { return prefix_; }

  // CORRUPT, or what reading said. Set once; next() stays false.
  const std::optional<Status>& failure() const { return failure_; }

private:
  struct Decompressor;

  bool nextBlock();
  bool damaged(std::string_view what);  // false

  const char* at_ = nullptr;  // in the current block's plain bytes
  const char* end_ = nullptr;
  std::string_view key_;
  std::string_view value_;
  std::uint64_t prefix_ = 0;
  std::uint64_t records_ = 0;

  const SegmentPlace place_;
  const ByteView memory_;
  const int fd_;
  std::uint64_t consumed_ = 0;  // stored bytes of the segment
  std::uint64_t plainSeen_ = 0;
  std::unique_ptr<std::byte[]> stored_;  // of a file
  std::size_t storedRoom_ = 0;
  std::unique_ptr<Decompressor> decompressor_;
  std::optional<Status> failure_;
};

// Whether the whole segment is what its map wrote. CORRUPT when not.
Result<void> checkSegment(ByteView segment, const SegmentPlace& place);
Result<void> checkSegment(int fd, const SegmentPlace& place);

}  // namespace cairn::mr
