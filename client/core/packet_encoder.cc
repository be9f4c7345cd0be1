#include "client/core/packet_encoder.h"

#include <algorithm>

#include "common/format/compress_trials.h"
#include "common/format/frame.h"

namespace cairn::client {

EncodedPacket encodePacket(BufferPool& buffers, const Encoding& encoding, PacketPlace place,
                           ByteView plain) {
  format::FrameEncoding how{.zstdLevel = encoding.zstdLevel};
  format::CompressTrials trials;
  const auto frames = framesOf(plain.size(), encoding.frameSize);
  EncodedPacket packet{
      .buffer = buffers.take(plain.size() + std::size_t{frames} * format::FRAME_HEADER_BYTES),
      .plainLength = static_cast<std::uint32_t>(plain.size()),
      .digest = format::PieceDigest(place.offset)};
  auto sequence = place.firstFrame;
  while (!plain.empty()) {
    auto piece = plain.first(std::min<std::size_t>(plain.size(), encoding.frameSize));
    const bool tried = encoding.codec != Codec::NONE && trials.worthTrying(piece);
    how.codec = tried ? format::Codec::ZSTD : format::Codec::RAW;
    const auto size = format::encodeFrame(
        how, sequence++, piece, packet.buffer->bytes().subspan(packet.bytes), packet.digest);
    if (tried) trials.tried(size < format::encodedFrameMax(piece.size()));
    packet.bytes += size;
    plain = plain.subspan(piece.size());
  }
  return packet;
}

}  // namespace cairn::client
