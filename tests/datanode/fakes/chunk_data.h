// Plain bytes of a chunk, framed as a client frames them.
#pragma once

#include <string>
#include <vector>

#include "common/format/chunk_digest.h"
#include "common/format/frame.h"
#include "common/io/random.h"

namespace cairn::dn::fakes {

struct TestPacket {
  ChunkId chunk;  // whose frames they are; none: of the chunk they are first sent for
  std::uint64_t offset = 0;
  std::uint32_t plainLength = 0;
  ByteVector frames;
};

struct TestChunk {
  std::string plain;
  std::uint32_t frameSize = 0;
  std::vector<TestPacket> packets;
  format::ChunkDigest digest;
};

// The packet with frames of this chunk, as far as it has whole ones.
inline TestPacket boundTo(ChunkId chunk, TestPacket packet) {
  for (auto rest = MutableBytes(packet.frames); !rest.empty();) {
    const auto frame = format::frameAt(rest);
    if (!frame.has_value()) break;
    format::rebindFrame(rest, packet.chunk, chunk);
    rest = rest.subspan(frame->bytes.size());
  }
  packet.chunk = chunk;
  return packet;
}

// Text of a few words, repeatable: compressible, no two frames alike.
inline std::string testText(std::size_t bytes, std::uint64_t seed) {
  io::Random random(seed);
  std::string text;
  while (text.size() < bytes) {
    text += std::to_string(random.below(10000));
    text += random.chance(0.1) ? " lorem\n" : " ipsum ";
  }
  text.resize(bytes);
  return text;
}

// `bytes` plain bytes in packets of `framesPerPacket` frames, which are no chunk's yet.
inline TestChunk makeChunk(std::size_t bytes, std::uint64_t seed = 1, std::uint32_t frameSize = 512,
                           unsigned framesPerPacket = 4,
                           const format::FrameEncoding& encoding = {}) {
  TestChunk chunk{
      .plain = testText(bytes, seed), .frameSize = frameSize, .packets = {}, .digest = {}};
  std::uint32_t sequence = 0;
  auto rest = asBytes(chunk.plain);
  std::uint64_t offset = 0;
  while (!rest.empty()) {
    TestPacket packet{.chunk = {}, .offset = offset};
    format::PieceDigest digest(offset);
    for (unsigned i = 0; i < framesPerPacket && !rest.empty(); ++i) {
      const auto plain = rest.first(std::min<std::size_t>(frameSize, rest.size()));
      ByteVector frame(format::encodedFrameMax(plain.size()));
      frame.resize(format::encodeFrame(encoding, packet.chunk, sequence++, plain, frame, digest));
      packet.frames.insert(packet.frames.end(), frame.begin(), frame.end());
      packet.plainLength += static_cast<std::uint32_t>(plain.size());
      rest = rest.subspan(plain.size());
    }
    offset += packet.plainLength;
    chunk.digest.add(digest);
    chunk.packets.push_back(std::move(packet));
  }
  return chunk;
}

// The plain bytes of whole frames. Empty when they are damaged, or another chunk's.
inline std::string plainOf(ByteView frames, ChunkId chunk) {
  std::string plain;
  while (!frames.empty()) {
    auto frame = format::frameAt(frames);
    if (!frame.has_value()) return {};
    std::string piece(frame->header.plainLength, '\0');
    if (!format::decodeFrame(*frame, chunk,
                             std::as_writable_bytes(std::span(piece.data(), piece.size())))
             .has_value()) {
      return {};
    }
    plain += piece;
    frames = frames.subspan(frame->bytes.size());
  }
  return plain;
}

}  // namespace cairn::dn::fakes
