#include "client/core/packet_encoder.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "common/format/compress_trials.h"
#include "common/format/frame.h"

namespace cairn::client {
namespace {

// Shorter payloads are copied: a piece of its own costs the sender about as much as copying 4 KiB.
constexpr std::size_t PIECE_BYTES_MIN = 16_KiB;

// Puts the packet's bytes one behind the other.
class Assembly {
public:
  explicit Assembly(EncodedPacket& packet) : packet_(packet) {}

  // Where the next frame's header, and its payload if it is packed, are to be written.
  MutableBytes room() { return packet_.buffer->bytes().subspan(used_); }
  // A frame whose header was written there.
  void add(ByteView payload, bool mayStay) {
    packet_.headers.push_back(static_cast<std::uint32_t>(used_));
    auto* const at = room().data() + format::FRAME_HEADER_BYTES;
    const bool stays = payload.data() != at && mayStay && payload.size() >= PIECE_BYTES_MIN;
    if (payload.data() != at && !stays) std::memcpy(at, payload.data(), payload.size());
    used_ += format::FRAME_HEADER_BYTES + (stays ? 0 : payload.size());
    packet_.bytes += format::FRAME_HEADER_BYTES + payload.size();
    if (!stays) return;
    closePiece();
    packet_.pieces.push_back(payload);
  }
  void finish() {
    if (!packet_.pieces.empty()) closePiece();
  }

private:
  // What was written to the buffer since the last piece is one, too.
  void closePiece() {
    if (used_ > begun_) {
      packet_.pieces.push_back(packet_.buffer->bytes().subspan(begun_, used_ - begun_));
    }
    begun_ = used_;
  }

  EncodedPacket& packet_;
  std::size_t used_ = 0;   // of the buffer
  std::size_t begun_ = 0;  // the part of it that is not among the pieces yet
};

}  // namespace

EncodedPacket encodePacket(BufferPool& buffers, const Encoding& encoding, PacketPlace place,
                           ByteView plain, std::shared_ptr<Buffer> owner) {
  format::FrameEncoding how{.zstdLevel = encoding.zstdLevel};
  format::CompressTrials trials;
  const auto frames = framesOf(plain.size(), encoding.frameSize);
  EncodedPacket packet{
      .buffer = buffers.take(plain.size() + std::size_t{frames} * format::FRAME_HEADER_BYTES),
      .plainLength = static_cast<std::uint32_t>(plain.size()),
      .digest = format::PieceDigest(place.offset)};
  Assembly assembly(packet);
  auto sequence = place.firstFrame;
  while (!plain.empty()) {
    auto piece = plain.first(std::min<std::size_t>(plain.size(), encoding.frameSize));
    const bool tried = encoding.codec != Codec::NONE && trials.worthTrying(piece);
    how.codec = tried ? format::Codec::ZSTD : format::Codec::RAW;
    const auto payload = format::encodeFrameAround(how, packet.chunk, sequence++, piece,
                                                   assembly.room(), packet.digest);
    if (tried) trials.tried(payload.data() != piece.data());
    assembly.add(payload, owner != nullptr);
    plain = plain.subspan(piece.size());
  }
  assembly.finish();
  if (!packet.pieces.empty()) packet.plain = std::move(owner);
  return packet;
}

void bindTo(ChunkId chunk, EncodedPacket& packet) {
  if (packet.chunk == chunk) return;
  for (const auto at : packet.headers) {
    format::rebindFrame(packet.buffer->bytes().subspan(at, format::FRAME_HEADER_BYTES),
                        packet.chunk, chunk);
  }
  packet.chunk = chunk;
}

}  // namespace cairn::client
