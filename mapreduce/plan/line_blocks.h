// Reads the lines of a split, in blocks of whole lines.
//
// The rule: a line belongs to the split in which its first byte lies; it is read to its end, beyond
// the split's if need be. A line begins at the start of the file and behind every '\n'. So a split
// that starts inside a line leaves that line to its predecessor, and splits with any borders give
// every line exactly once. ("\r\n" is a '\n' with a byte before it; a '\r' alone ends no line.)
//
// Layer: mapreduce plan (pure: reads through InputStream).  Threads: one.
// Cost: each byte is copied once by the stream and at most once more at a block's border.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "cairn/mr/program.h"
#include "common/base/result.h"
#include "mapreduce/api/task_runtime.h"

namespace cairn::mr {

class LineBlocks {
public:
  // Bytes asked for at a time: large enough for the stream, small enough for the second level
  // cache.
  static constexpr std::size_t READ_BYTES = std::size_t{256} << 10;
  // Readable bytes behind every block, so that vector code may read past its end.
  static constexpr std::size_t SLACK_BYTES = 64;

  // `stream` outlives it. A line of more than `lineBytesMax` bytes is an error.
  LineBlocks(InputStream& stream, std::uint64_t offset, std::uint64_t length,
             std::size_t lineBytesMax, std::size_t readBytes = READ_BYTES);

  // The next lines, at least one; nothing when all have been given. Valid until the next call. All
  // but a file's last line end with '\n'.
  // Errors: the stream's; LIMIT_EXCEEDED for a line that is too long. No calls after an error.
  Result<std::optional<LineBlock>> next();

  // Bytes read so far, those of neighbours' lines included.
  std::uint64_t bytesRead() const { return bytesRead_; }

private:
  // Appends what the stream has next behind the bytes held; makes room first.
  Result<void> fill(std::uint64_t wanted);
  // Drops everything up to and including the first '\n'.
  Result<void> skipPartialLine();
  std::string_view held() const { return {buffer_.get() + begin_, end_ - begin_}; }

  InputStream& stream_;
  const std::uint64_t splitEnd_;
  const std::size_t lineBytesMax_;
  const std::size_t readBytes_;
  std::unique_ptr<char[]> buffer_;
  std::size_t room_ = 0;
  std::size_t begin_ = 0;  // of the bytes held in buffer_
  std::size_t end_ = 0;
  std::uint64_t offset_;  // in the file, of begin_
  std::uint64_t bytesRead_ = 0;
  bool insideLine_;  // begin_ may lie inside a line that is not ours
  bool atFileEnd_ = false;
};

}  // namespace cairn::mr
