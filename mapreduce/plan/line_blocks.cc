#include "mapreduce/plan/line_blocks.h"

#include <algorithm>
#include <cstring>
#include <string>

namespace cairn::mr {

namespace {
constexpr std::size_t TAIL_READ_BYTES = std::size_t{16} << 10;
}

LineBlocks::LineBlocks(InputStream& stream, std::uint64_t offset, std::uint64_t length,
                       std::size_t lineBytesMax, std::size_t readBytes)
    : stream_(stream),
      splitEnd_(offset + length),
      lineBytesMax_(lineBytesMax),
      readBytes_(readBytes),
      // The byte in front of the split tells whether a line begins at its start.
      offset_(offset == 0 ? 0 : offset - 1),
      insideLine_(offset > 0) {}

Result<void> LineBlocks::fill(std::uint64_t wanted) {
  const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(wanted, readBytes_));
  if (room_ - end_ < want) {
    const std::size_t have = end_ - begin_;
    if (room_ < have + want) {
      const std::size_t room = std::max(2 * have, have + readBytes_);
      std::unique_ptr<char[]> larger(new char[room + SLACK_BYTES]);
      if (have > 0) std::memcpy(larger.get(), buffer_.get() + begin_, have);
      buffer_ = std::move(larger);
      room_ = room;
    } else {
      std::memmove(buffer_.get(), buffer_.get() + begin_, have);
    }
    begin_ = 0;
    end_ = have;
  }
  ASSIGN(const std::size_t got,
         stream_.readAt(offset_ + (end_ - begin_),
                        std::as_writable_bytes(std::span(buffer_.get() + end_, want))));
  end_ += got;
  bytesRead_ += got;
  atFileEnd_ = got < want;
  return {};
}

Result<void> LineBlocks::skipPartialLine() {
  while (true) {
    if (const auto at = held().find('\n'); at != std::string_view::npos) {
      begin_ += at + 1;
      offset_ += at + 1;
      insideLine_ = false;
      return {};
    }
    offset_ += end_ - begin_;
    begin_ = end_ = 0;
    // From the split's end on, the rest of the line interests nobody.
    if (atFileEnd_ || offset_ >= splitEnd_) return {};
    TRY(fill(splitEnd_ - offset_));
  }
}

Result<std::optional<LineBlock>> LineBlocks::next() {
  if (insideLine_) TRY(skipPartialLine());
  if (insideLine_ || offset_ >= splitEnd_) return std::nullopt;

  std::size_t searched = 0;  // bytes from begin_ on without a '\n' that ends this block
  while (true) {
    const std::string_view bytes = held();
    const bool holdsSplit = offset_ + bytes.size() >= splitEnd_;
    // Behind the split's last byte only the end of the line that this byte belongs to is ours.
    const std::size_t ours = holdsSplit ? static_cast<std::size_t>(splitEnd_ - offset_) : 0;
    std::size_t take = 0;
    if (holdsSplit) {
      const std::size_t from = std::max(searched, ours - 1);
      if (const auto at = bytes.find('\n', from); at != std::string_view::npos) take = at + 1;
    } else if (const auto at = bytes.substr(searched).rfind('\n'); at != std::string_view::npos) {
      take = searched + at + 1;
    }
    if (take == 0 && atFileEnd_) take = bytes.size();
    if (take > 0) {
      const LineBlock block{.offset = offset_, .text = bytes.substr(0, take)};
      begin_ += take;
      offset_ += take;
      return block;
    }
    if (atFileEnd_) return std::nullopt;
    if (bytes.size() - ours > lineBytesMax_) {
      return fail(Code::LIMIT_EXCEEDED,
                  "the line at byte " + std::to_string(offset_) + " has more than " +
                      std::to_string(lineBytesMax_) +
                      " bytes (mapreduce.input.linerecordreader.line.maxlength)");
    }
    searched = bytes.size();
    // Behind the split little is needed as a rule: steps that double.
    TRY(fill(holdsSplit ? std::max(TAIL_READ_BYTES, bytes.size() - ours)
                        : splitEnd_ - offset_ - bytes.size()));
  }
}

}  // namespace cairn::mr
