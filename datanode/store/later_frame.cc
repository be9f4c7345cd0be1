#include "datanode/store/later_frame.h"

#include <algorithm>

#include "common/base/units.h"
#include "common/format/frame.h"

namespace cairn::dn {
namespace {

constexpr std::size_t STARTS_A_PIECE = 1_MiB;

}  // namespace

LaterFrame::LaterFrame(io::File& file, ChunkId chunk, std::uint32_t frameSize, std::uint64_t at,
                       std::uint32_t sequence)
    : file_(file),
      chunk_(chunk),
      frameSize_(std::min(frameSize, limits::FRAME_SIZE_MAX)),
      at_(at),
      sequence_(sequence),
      // Each frame that starts in the piece lies whole in what is read.
      piece_(STARTS_A_PIECE + format::encodedFrameMax(frameSize_)) {}

Result<bool> LaterFrame::next() {
  ASSIGN(const auto got, file_.readAt(at_, piece_));
  const auto bytes = ByteView(piece_).first(got);
  const auto starts = std::min(STARTS_A_PIECE, got);
  for (std::size_t i = 0; i < starts && !found_; ++i) found_ = isFrame(bytes.subspan(i));
  at_ += starts;
  // The frames that begin further on are the next piece's, also where this was the last read.
  return found_ || got <= STARTS_A_PIECE;
}

bool LaterFrame::isFrame(ByteView bytes) {
  if (bytes.size() < format::FRAME_HEADER_BYTES || !format::mayStartFrame(bytes, frameSize_)) {
    return false;
  }
  const auto frame = format::frameAt(bytes, frameSize_);
  if (!frame.has_value() || frame->header.sequence <= sequence_) return false;
  checkedBytes_ += frame->bytes.size();
  return checkedBytes_ > CHECKED_BYTES_MAX || format::checkStored(*frame, chunk_).has_value();
}

}  // namespace cairn::dn
