#include "client/core/local_replica.h"

#include <array>
#include <string>

#include "client/core/frame_decoder.h"
#include "common/base/limits.h"
#include "common/format/chunk_header.h"
#include "common/format/footer.h"
#include "common/format/trailer.h"
#include "common/io/disk_ops.h"

namespace cairn::client {

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
  ASSIGN(const auto trailer, format::decodeTrailer(tail, size));
  ByteVector footer(format::footerBytes(trailer.frameCount));
  TRY(io::readExactlyAt(*file, trailer.framesEnd, footer));
  ASSIGN(auto index, format::decodeFooter(footer, trailer, header.frameSize));
  return std::shared_ptr<const LocalReplica>(new LocalReplica(std::move(file), std::move(index)));
}

Result<std::size_t> LocalReplica::read(BufferPool& buffers, std::uint64_t offset,
                                       MutableBytes to) const {
  const auto span = index_.cover(offset, to.size(), limits::PACKET_PLAIN_BYTES);
  if (span.frameCount == 0) return std::size_t{0};
  auto buffer = buffers.take(span.fileLength);
  auto frames = buffer->bytes().first(span.fileLength);
  TRY(io::readExactlyAt(*file_, span.fileOffset, frames));
  return decodeRange(
      {.frames = frames, .offset = span.plainOffset, .plainLength = span.plainLength}, offset, to);
}

}  // namespace cairn::client
