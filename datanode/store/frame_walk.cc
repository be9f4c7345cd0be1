#include "datanode/store/frame_walk.h"

#include <array>
#include <string>

#include "common/base/units.h"
#include "common/format/footer.h"
#include "common/io/disk_ops.h"

namespace cairn::dn {
namespace {

// Room for a piece of some frames, and for the largest frame in any case.
constexpr std::size_t PIECE_BYTES =
    1_MiB + format::encodedFrameMax(limits::FRAME_SIZE_MAX) - limits::FRAME_SIZE_MAX;

}  // namespace

Result<format::ChunkHeader> readHeader(io::File& file, ChunkId chunk, const ClusterId& cluster) {
  std::array<std::byte, format::CHUNK_HEADER_BYTES> head;
  ASSIGN(const auto size, file.size());
  if (size < head.size()) return fail(Code::CORRUPT, file.path() + " has no whole header");
  TRY(io::readExactlyAt(file, 0, head));
  auto header = format::decodeChunkHeader(head);
  if (!header.has_value()) return fail(header.error().withContext(file.path()));
  if (header->chunk != chunk || header->cluster != cluster) {
    return fail(Code::CORRUPT, file.path() + " holds chunk " + std::to_string(header->chunk.value) +
                                   " of cluster " + header->cluster.toString());
  }
  return header;
}

Result<void> readFrames(io::File& file, ChunkId chunk, std::uint32_t frameSize,
                        const format::FrameSpan& span, MutableBytes to) {
  TRY(io::readExactlyAt(file, span.fileOffset, to));
  ByteView rest = to;
  std::uint64_t plainLength = 0;
  for (std::uint32_t i = 0; i < span.frameCount; ++i) {
    const auto number = span.firstFrame + i;
    auto frame = format::frameAt(rest, frameSize);
    if (frame.has_value() && frame->header.sequence != number) {
      frame = fail(Code::CORRUPT, "frame " + std::to_string(frame->header.sequence) +
                                      " stands where frame " + std::to_string(number) + " belongs");
    }
    if (frame.has_value()) {
      if (auto checked = format::checkStored(*frame, chunk); !checked.has_value()) {
        frame = fail(std::move(checked).error());
      }
    }
    if (!frame.has_value()) return fail(frame.error().withContext(file.path()));
    plainLength += frame->header.plainLength;
    rest = rest.subspan(frame->bytes.size());
  }
  if (!rest.empty() || plainLength != span.plainLength) {
    return fail(Code::CORRUPT, file.path() + ": the frames from number " +
                                   std::to_string(span.firstFrame) +
                                   " on are not what the index says");
  }
  return {};
}

FrameWalk::FrameWalk(io::File& file, std::uint32_t frameSize, std::uint64_t length)
    : file_(file), frameSize_(frameSize), length_(length), piece_(PIECE_BYTES) {}

Result<bool> FrameWalk::next(format::ChunkScan& scan) {
  taken_ = {};
  beyond_.reset();
  if (scan.index().plainLength() >= length_) return true;
  ASSIGN(const auto got, file_.readAt(scan.index().framesEnd(), piece_));
  const auto piece = ByteView(piece_).first(got);
  auto rest = piece;
  while (scan.index().plainLength() < length_ && !rest.empty()) {
    if (rest.size() >= sizeof format::FOOTER_MAGIC && format::startsFooter(rest)) break;
    auto frame = format::frameAt(rest, frameSize_);
    if (!frame.has_value()) break;
    if (scan.index().plainLength() + frame->header.plainLength > length_) {
      beyond_ = *frame;
      break;
    }
    scan.feed(frame->bytes);
    if (scan.damage()) break;
    rest = rest.subspan(frame->bytes.size());
  }
  taken_ = piece.first(piece.size() - rest.size());
  return taken_.empty() || beyond_ || scan.damage() || scan.index().plainLength() >= length_;
}

Result<void> FrameWalk::all(format::ChunkScan& scan) {
  while (true) {
    ASSIGN(const bool done, next(scan));
    if (done) return {};
  }
}

}  // namespace cairn::dn
