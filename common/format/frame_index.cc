#include "common/format/frame_index.h"

#include <algorithm>
#include <string>

#include "common/format/chunk_header.h"

namespace cairn::format {

FrameIndex::FrameIndex() : ends_{{.plain = 0, .file = CHUNK_HEADER_BYTES}} {}

Result<void> FrameIndex::add(std::uint32_t plainLength, std::uint32_t frameBytes) {
  if (frameCount() >= FRAMES_PER_CHUNK_MAX) {
    return fail(Code::LIMIT_EXCEEDED,
                "a chunk holds at most " + std::to_string(FRAMES_PER_CHUNK_MAX) + " frames");
  }
  ends_.push_back(
      {.plain = ends_.back().plain + plainLength, .file = ends_.back().file + frameBytes});
  return {};
}

FrameSpan FrameIndex::span(std::uint32_t first, std::uint32_t end) const {
  return {.firstFrame = first,
          .frameCount = end - first,
          .plainOffset = ends_[first].plain,
          .plainLength = ends_[end].plain - ends_[first].plain,
          .fileOffset = ends_[first].file,
          .fileLength = ends_[end].file - ends_[first].file};
}

FrameSpan FrameIndex::cover(std::uint64_t offset, std::uint64_t length,
                            std::uint64_t plainMax) const {
  const auto all = plainLength();
  if (length == 0 || offset >= all) return span(frameCount(), frameCount());
  const auto end = offset + std::min(length, all - offset);
  auto holding = [&](std::uint64_t last) {
    // ends_[n + 1] is the end of frame n: the first one behind `last` is of the frame that holds
    // it.
    auto behind = std::ranges::upper_bound(ends_, last, {}, &End::plain);
    return static_cast<std::uint32_t>(behind - ends_.begin()) - 1;
  };
  const auto first = holding(offset);
  auto last = holding(end - 1);
  const auto start = ends_[first].plain;
  if (ends_[last + 1].plain - start > plainMax) {
    // Of the ends within the bound, the last; the first frame's start is one of them.
    auto beyond = std::ranges::upper_bound(ends_, start + plainMax, {}, &End::plain);
    auto endsWithin = static_cast<std::uint32_t>(beyond - ends_.begin());
    last = endsWithin < first + 2 ? first : endsWithin - 2;
  }
  return span(first, last + 1);
}

std::optional<std::uint32_t> FrameIndex::framesOf(std::uint64_t plainBytes) const {
  const auto at = std::ranges::lower_bound(ends_, plainBytes, {}, &End::plain);
  if (at == ends_.end() || at->plain != plainBytes) return std::nullopt;
  return static_cast<std::uint32_t>(at - ends_.begin());
}

}  // namespace cairn::format
