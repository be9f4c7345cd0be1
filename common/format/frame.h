// A frame: the unit of compression and checksum inside a chunk, a small header and its payload
// (FORMAT.md §3). Frames are made once, by the client, and stay as they are on every disk and wire.
// Each names its chunk by its stored checksum: whoever checks one says which chunk's it should be.
// Layer: format (pure, but for one compression context a thread).  Threads: any.
// Errors: decoding is safe for any bytes: lengths are bounded before they are used, and a payload
// never unpacks to more than its header says.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "common/base/bytes.h"
#include "common/base/ids.h"
#include "common/base/limits.h"
#include "common/base/result.h"
#include "common/format/codec.h"
#include "common/format/piece_digest.h"

namespace cairn::format {

inline constexpr std::size_t FRAME_HEADER_BYTES = 24;

struct FrameHeader {
  std::uint32_t storedLength = 0;  // bytes of the payload: 1 to plainLength
  std::uint32_t plainLength = 0;   // 1 to the chunk's frame size
  std::uint32_t sequence = 0;      // number of the frame in its chunk, from 0
  Codec codec = Codec::RAW;
  std::uint32_t plainCrc = 0;  // CRC32C of the plain bytes
  // CRC32C of the header up to here and of the payload, with the chunk's mark (chunk_mark.h).
  std::uint32_t storedCrc = 0;

  // Bytes of the whole frame.
  std::size_t frameBytes() const { return FRAME_HEADER_BYTES + storedLength; }
  bool operator==(const FrameHeader&) const = default;
};

// One whole frame in somebody else's memory.
struct Frame {
  FrameHeader header;
  ByteView bytes;  // header and payload

  ByteView payload() const { return bytes.subspan(FRAME_HEADER_BYTES); }
};

// --- Reading ---

// REQUIRES: bytes.size() >= FRAME_HEADER_BYTES; `frameSize`: the chunk's.
// CORRUPT when the lengths or the codec cannot be. Says nothing about the payload.
[[nodiscard]] Result<FrameHeader> decodeFrameHeader(
    ByteView bytes, std::uint32_t frameSize = limits::FRAME_SIZE_MAX);

// Whether decodeFrameHeader() takes them: for looking at many places, as it costs a nanosecond
// where the other one takes its time to say what is wrong. The same is required.
[[nodiscard]] bool mayStartFrame(ByteView bytes, std::uint32_t frameSize);

// The frame at the start of `bytes`, which may go on behind it. No checksum is looked at.
// CORRUPT when there is no whole one.
[[nodiscard]] Result<Frame> frameAt(ByteView bytes,
                                    std::uint32_t frameSize = limits::FRAME_SIZE_MAX);

// CORRUPT unless header and payload match the stored checksum as a frame's of this chunk. Cost: CRC
// speed, over stored bytes.
[[nodiscard]] Result<void> checkStored(const Frame& frame, ChunkId chunk);

// Unpacks the frame into `plain` and checks both checksums. With `digest`, adds the plain bytes
// to it, in the same pass.
// REQUIRES: plain.size() == frame.header.plainLength.
// CORRUPT when anything does not match; `plain` and `digest` hold rubbish then.
[[nodiscard]] Result<void> decodeFrame(const Frame& frame, ChunkId chunk, MutableBytes plain,
                                       PieceDigest* digest = nullptr);

// Checks both checksums of a raw frame, whose payload is its plain bytes, without a copy. `digest`
// as in decodeFrame(). REQUIRES: frame.header.codec == Codec::RAW. Cost: CRC speed.
[[nodiscard]] Result<void> checkRaw(const Frame& frame, ChunkId chunk,
                                    PieceDigest* digest = nullptr);

// --- Writing ---

struct FrameEncoding {
  Codec codec = Codec::ZSTD;
  int zstdLevel = 1;  // what zstd does not have is taken as the nearest that it has
};

// Room that a frame of `plainLength` plain bytes may take.
constexpr std::size_t encodedFrameMax(std::size_t plainLength) {
  return FRAME_HEADER_BYTES + plainLength;
}

// Makes one frame of `chunk`: writes its header to the start of `to`, and the payload behind that,
// if it is packed. That of a raw frame is `plain`, and stays there: returned is the payload, where
// it is. Payloads that zstd makes smaller by less than a tenth are kept raw. Cannot fail. Adds the
// plain bytes to `digest`.
// `chunk` 0, which is none: to be bound once it is known which it goes to. No reader takes it
// before. The same input gives the same bytes with the same version of zstd only.
// REQUIRES: plain holds 1 to limits::FRAME_SIZE_MAX bytes; to.size() >=
// encodedFrameMax(plain.size()).
ByteView encodeFrameAround(const FrameEncoding& encoding, ChunkId chunk, std::uint32_t sequence,
                           ByteView plain, MutableBytes to, PieceDigest& digest);
// The same, with the payload in `to` in any case; returns the frame's size.
std::size_t encodeFrame(const FrameEncoding& encoding, ChunkId chunk, std::uint32_t sequence,
                        ByteView plain, MutableBytes to, PieceDigest& digest);

// Makes a frame of `from` one of `to`, where it stands: its checksum alone changes, without a look
// at what that covers. `header`: FRAME_HEADER_BYTES or more, from the frame's start.
void rebindFrame(MutableBytes header, ChunkId from, ChunkId to);

// Writes the header alone: for tests, and for writers that make payloads elsewhere. storedCrc is
// taken as it is.
void encodeFrameHeader(const FrameHeader& header, MutableBytes to);

}  // namespace cairn::format
