#include "common/format/chunk_scan.h"

#include <algorithm>
#include <cassert>
#include <string>

#include "common/format/footer.h"

namespace cairn::format {

ChunkScan::ChunkScan(ChunkId chunk, std::uint32_t frameSize, Depth depth)
    : chunk_(chunk),
      frameSize_(std::min(frameSize, limits::FRAME_SIZE_MAX)),
      depth_(depth),
      hasDigest_(depth == Depth::PLAIN) {}

ChunkScan::ChunkScan(ChunkId chunk, std::uint32_t frameSize, Depth depth, FrameIndex before,
                     PrefixCrcs plainCrcs)
    : chunk_(chunk),
      frameSize_(std::min(frameSize, limits::FRAME_SIZE_MAX)),
      depth_(depth),
      hasDigest_(depth == Depth::PLAIN && before.frameCount() == 0),
      index_(std::move(before)),
      plainCrcs_(std::move(plainCrcs)) {}

const ChunkDigest& ChunkScan::digest() const {
  assert(hasDigest_);
  return digest_;
}

std::size_t ChunkScan::wanted(ByteView bytes) const {
  if (bytes.size() < FRAME_HEADER_BYTES) return FRAME_HEADER_BYTES;
  auto header = decodeFrameHeader(bytes, frameSize_);
  return header.has_value() ? header->frameBytes() : FRAME_HEADER_BYTES;
}

void ChunkScan::feed(ByteView piece) {
  // A frame that began in an earlier piece is completed first, and only with its own bytes.
  while (!stopped() && !pending_.empty() && !piece.empty()) {
    auto missing = wanted(pending_) - pending_.size();
    auto taken = piece.first(std::min(missing, piece.size()));
    pending_.insert(pending_.end(), taken.begin(), taken.end());
    piece = piece.subspan(taken.size());
    if (take(pending_) > 0) pending_.clear();
  }
  while (!stopped() && !piece.empty()) {
    auto taken = take(piece);
    if (taken == 0) break;
    piece = piece.subspan(taken);
  }
  if (stopped()) {
    pending_.clear();
  } else {
    pending_.insert(pending_.end(), piece.begin(), piece.end());
  }
}

std::size_t ChunkScan::take(ByteView bytes) {
  if (bytes.size() >= sizeof FOOTER_MAGIC && startsFooter(bytes)) {
    atFooter_ = true;
    return 0;
  }
  if (bytes.size() < FRAME_HEADER_BYTES) return 0;
  auto header = decodeFrameHeader(bytes, frameSize_);
  if (!header.has_value()) {
    damage_ = std::move(header).error();
    return 0;
  }
  if (bytes.size() < header->frameBytes()) return 0;
  Frame frame{.header = *header, .bytes = bytes.first(header->frameBytes())};
  if (auto accepted = accept(frame); !accepted.has_value()) {
    damage_ = std::move(accepted).error();
    return 0;
  }
  return frame.bytes.size();
}

Result<void> ChunkScan::accept(const Frame& frame) {
  const auto& header = frame.header;
  if (header.sequence != index_.frameCount()) {
    return fail(Code::CORRUPT, "frame " + std::to_string(header.sequence) + " stands where frame " +
                                   std::to_string(index_.frameCount()) + " belongs");
  }
  if (depth_ == Depth::STORED) {
    TRY(checkStored(frame, chunk_));
    TRY(index_.add(header.plainLength, static_cast<std::uint32_t>(header.frameBytes())));
  } else {
    PieceDigest piece(digest_.length());
    auto* const digest = hasDigest_ ? &piece : nullptr;
    if (header.codec == Codec::RAW) {
      TRY(checkRaw(frame, chunk_, digest));
    } else {
      plain_.resize(std::max<std::size_t>(plain_.size(), header.plainLength));
      TRY(decodeFrame(frame, chunk_, MutableBytes(plain_).first(header.plainLength), digest));
    }
    TRY(index_.add(header.plainLength, static_cast<std::uint32_t>(header.frameBytes())));
    if (hasDigest_) digest_.add(piece);
  }
  plainCrcs_.add(header.plainCrc, header.plainLength);
  return {};
}

}  // namespace cairn::format
