// A datanode's answer to a reader: whatever it holds, the reader gets an error or bytes of which
// none lies outside its buffer; and of frames as they were written it gets exactly what it asked
// for, and nothing else when one byte of them was changed.
//
// First two bytes: where the range that is asked for begins and ends; third: how long each frame
// is.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "client/core/frame_decoder.h"
#include "common/format/frame.h"

namespace cairn::client {
namespace {

constexpr std::size_t HEAD_BYTES = 3;
constexpr ChunkId CHUNK{16};

void require(bool condition) {
  if (!condition) std::abort();
}

void decodeAny(std::size_t from, std::size_t wanted, ByteView input) {
  ByteVector to(wanted);
  const FrameRun run{.chunk = CHUNK, .frames = input, .offset = 100, .plainLength = from + wanted};
  const auto filled = decodeRange(run, 100 + from, to);
  require(!filled.has_value() || *filled <= to.size());
}

// Frames of `frameBytes`, each second one packed.
void roundTrip(std::size_t from, std::size_t wanted, std::size_t frameBytes, ByteView plain) {
  ByteVector frames;
  std::uint32_t sequence = 7;
  for (std::size_t at = 0; at < plain.size(); ++sequence) {
    const auto piece = plain.subspan(at, std::min(frameBytes, plain.size() - at));
    ByteVector frame(format::encodedFrameMax(piece.size()));
    format::PieceDigest digest(at);
    frame.resize(
        format::encodeFrame({.codec = sequence % 2 == 0 ? format::Codec::ZSTD : format::Codec::RAW},
                            CHUNK, sequence, piece, frame, digest));
    frames.insert(frames.end(), frame.begin(), frame.end());
    at += piece.size();
  }
  const FrameRun run{.chunk = CHUNK, .frames = frames, .offset = 100, .plainLength = plain.size()};
  ByteVector to(wanted);
  const auto filled = decodeRange(run, 100 + from, to);
  if (from >= plain.size()) {
    require(!filled.has_value() && filled.error().code() == Code::CORRUPT);
    return;
  }
  const auto expected = plain.subspan(from, std::min(wanted, plain.size() - from));
  require(filled.has_value() && *filled == expected.size());
  require(std::ranges::equal(ByteView(to).first(*filled), expected));

  frames[from * wanted % frames.size()] ^= std::byte{0x40};
  const auto damaged = decodeRange(run, 100 + from, to);
  require(!damaged.has_value() || std::ranges::equal(ByteView(to).first(*damaged), expected));
}

}  // namespace
}  // namespace cairn::client

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cairn;
  if (size < client::HEAD_BYTES) return 0;
  const auto input = ByteView(reinterpret_cast<const std::byte*>(data), size);
  const std::size_t from = data[0];
  const std::size_t wanted = data[1];
  const std::size_t frameBytes = 1 + data[2];
  client::decodeAny(from, wanted, input.subspan(client::HEAD_BYTES));
  client::roundTrip(from, wanted, frameBytes, input.subspan(client::HEAD_BYTES));
  return 0;
}
