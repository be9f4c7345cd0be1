#include "client/core/sequential_reader.h"

#include <algorithm>

namespace cairn::client {

SequentialReader::SequentialReader(Session& session, FileLayout& layout, RangeReader& ranges,
                                   std::uint64_t readAheadBytes)
    : session_(session),
      layout_(layout),
      ranges_(ranges),
      segmentsMax_(std::max<std::uint64_t>(1, readAheadBytes / SEGMENT_BYTES)),
      segments_(1) {}

kj::Promise<Result<PlainBytes>> SequentialReader::next() {
  if (auto planned = co_await fetchAhead(); !planned.has_value() && ahead_.empty()) {
    co_return std::unexpected(kj::mv(planned).error());
  }
  if (ahead_.empty()) co_return PlainBytes{};
  auto bytes = co_await ahead_.front().bytes.addBranch();
  if (!bytes.has_value()) {
    ahead_.clear();
    planned_ = position_;
    co_return kj::mv(bytes);
  }
  // A seek() into the middle of a segment left its front unread.
  auto skip = position_ - ahead_.front().offset;
  position_ += ahead_.front().length - skip;
  ahead_.pop_front();
  segments_ = std::min(segmentsMax_, segments_ * 2);
  bytes->bytes = bytes->bytes.subspan(skip);
  co_return kj::mv(bytes);
}

void SequentialReader::seek(std::uint64_t offset, std::uint64_t end) {
  offset = std::min(offset, layout_.length());
  end_ = end;
  while (!ahead_.empty() && (offset < ahead_.front().offset ||
                             offset >= ahead_.front().offset + ahead_.front().length)) {
    ahead_.pop_front();
  }
  if (ahead_.empty()) {
    planned_ = offset;
    segments_ = 1;
  }
  position_ = offset;
}

kj::Promise<Result<void>> SequentialReader::fetchAhead() {
  const auto length = layout_.length();
  while (planned_ < length && (ahead_.empty() || (ahead_.size() < segments_ && planned_ < end_))) {
    CO_ASSIGN(auto chunk, co_await layout_.at(planned_));
    auto inChunk = planned_ - chunk->at.offset;
    auto step = planned_ < end_ ? SEGMENT_BYTES : TAIL_SEGMENT_BYTES;
    auto segmentEnd = std::min(chunk->at.length, (inChunk / step + 1) * step);
    auto size = std::min(segmentEnd - inChunk, length - planned_);
    if (planned_ < end_) size = std::min(size, end_ - planned_);
    auto fetching = fetch(kj::mv(chunk), inChunk, size);
    ahead_.push_back({planned_, size, fetching.fork()});
    planned_ += size;
  }
  co_return Result<void>();
}

kj::Promise<Result<PlainBytes>> SequentialReader::fetch(FileLayout::Chunk chunk,
                                                        std::uint64_t offset,
                                                        std::uint64_t length) {
  auto buffer = session_.buffers->take(length);
  auto to = buffer->bytes().first(length);
  CO_TRY(co_await ranges_.read(kj::mv(chunk), offset, to));
  co_return PlainBytes{kj::mv(buffer), to};
}

}  // namespace cairn::client
