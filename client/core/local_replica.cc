#include "client/core/local_replica.h"

#include <algorithm>
#include <array>
#include <string>

#include "client/core/frame_decoder.h"
#include "common/base/limits.h"
#include "common/format/chunk_header.h"
#include "common/format/footer.h"
#include "common/format/frame.h"
#include "common/format/trailer.h"
#include "common/io/disk_ops.h"

namespace cairn::client {

namespace {

std::uint64_t nextId() {
  static std::atomic<std::uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

}  // namespace

LocalReplica::LocalReplica(std::unique_ptr<io::File> file, ChunkId chunk, format::FrameIndex index)
    : id_(nextId()),
      file_(std::move(file)),
      chunk_(chunk),
      index_(std::move(index)),
      rawReads_(std::make_unique<std::atomic<std::uint8_t>[]>(index_.frameCount())) {}

Result<std::shared_ptr<const LocalReplica>> LocalReplica::open(std::unique_ptr<io::File> file,
                                                               ChunkId chunk) {
  ASSIGN(const auto size, file->size());
  if (size < format::CHUNK_HEADER_BYTES + format::TRAILER_BYTES) {
    return fail(Code::CORRUPT, "the file is too short for a replica");
  }
  std::array<std::byte, format::CHUNK_HEADER_BYTES> head;
  TRY(io::readExactlyAt(*file, 0, head));
  ASSIGN(const auto header, format::decodeChunkHeader(head));
  if (header.chunk != chunk) {
    return fail(Code::CORRUPT, "the file holds chunk " + std::to_string(header.chunk.value));
  }
  std::array<std::byte, format::TRAILER_BYTES> tail;
  TRY(io::readExactlyAt(*file, size - tail.size(), tail));
  ASSIGN(const auto trailer, format::decodeTrailer(tail, chunk, size));
  ByteVector footer(format::footerBytes(trailer.frameCount));
  TRY(io::readExactlyAt(*file, trailer.framesEnd, footer));
  ASSIGN(auto index, format::decodeFooter(footer, trailer, header.frameSize));
  return std::shared_ptr<const LocalReplica>(
      new LocalReplica(std::move(file), chunk, std::move(index)));
}

Result<std::size_t> LocalReplica::read(BufferPool& buffers, std::uint64_t offset,
                                       MutableBytes to) const {
  const auto span = index_.cover(offset, to.size(), limits::PACKET_PLAIN_BYTES);
  if (span.frameCount == 0) return std::size_t{0};
  auto buffer = buffers.take(span.fileLength);
  auto frames = buffer->bytes().first(span.fileLength);
  TRY(io::readExactlyAt(*file_, span.fileOffset, frames));
  return decodeRange({.chunk = chunk_,
                      .frames = frames,
                      .offset = span.plainOffset,
                      .plainLength = span.plainLength},
                     offset, to);
}

Result<std::size_t> LocalReplica::readSmall(DecodedFrames& frames, BufferPool& buffers,
                                            std::uint64_t offset, MutableBytes to) const {
  std::size_t filled = 0;
  while (filled < to.size()) {
    const auto span = index_.cover(offset + filled, 1, 0);
    if (span.frameCount == 0) break;
    ASSIGN(const auto got, readFrame(frames, buffers, span, offset + filled - span.plainOffset,
                                     to.subspan(filled)));
    filled += got;
  }
  return filled;
}

Result<std::size_t> LocalReplica::readFrame(DecodedFrames& frames, BufferPool& buffers,
                                            const format::FrameSpan& span, std::uint64_t skip,
                                            MutableBytes to) const {
  to = to.first(std::min<std::uint64_t>(to.size(), span.plainLength - skip));
  auto& rawReads = rawReads_[span.firstFrame];
  if (const auto left = rawReads.load(std::memory_order_relaxed); left > 0) {
    rawReads.store(left - 1, std::memory_order_relaxed);
    TRY(io::readExactlyAt(*file_, span.fileOffset + format::FRAME_HEADER_BYTES + skip, to));
    return to.size();
  }
  auto plain = frames.find({id_, span.firstFrame});
  if (!plain.buffer) {
    ASSIGN(plain, decode(frames, buffers, span));
  }
  std::ranges::copy(plain.bytes().subspan(skip, to.size()), to.begin());
  return to.size();
}

Result<DecodedFrames::Plain> LocalReplica::decode(DecodedFrames& frames, BufferPool& buffers,
                                                  const format::FrameSpan& span) const {
  const auto stored = buffers.take(span.fileLength);
  const auto bytes = stored->bytes().first(span.fileLength);
  TRY(io::readExactlyAt(*file_, span.fileOffset, bytes));
  ASSIGN(const auto frame, format::frameAt(bytes));
  if (frame.header.sequence != span.firstFrame || frame.bytes.size() != bytes.size() ||
      frame.header.plainLength != span.plainLength) {
    return fail(Code::CORRUPT,
                "frame " + std::to_string(span.firstFrame) + " is not what the footer says");
  }
  DecodedFrames::Plain plain{.buffer = buffers.take(span.plainLength),
                             .length = static_cast<std::size_t>(span.plainLength)};
  TRY(format::decodeFrame(frame, chunk_, plain.buffer->bytes().first(plain.length)));
  if (frame.header.codec == format::Codec::RAW) {
    rawReads_[span.firstFrame].store(RAW_READS_MAX, std::memory_order_relaxed);
  } else {
    frames.keep({id_, span.firstFrame}, plain);
  }
  return plain;
}

}  // namespace cairn::client
