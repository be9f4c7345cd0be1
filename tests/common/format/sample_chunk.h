// Plain bytes with known content, and whole chunk files made of them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/base/bytes.h"
#include "common/format/chunk_digest.h"
#include "common/format/chunk_header.h"
#include "common/format/codec.h"
#include "common/format/frame_index.h"

namespace cairn::format {

// Compressible lines. The golden files hold the same (make_golden.py).
ByteVector textBytes(std::size_t count);
// Incompressible bytes; other ones for each seed.
ByteVector noiseBytes(std::size_t count, std::uint64_t seed = 1);

struct SampleChunk {
  ChunkHeader header;
  ByteVector file;  // header, frames, and, once sealed, footer and trailer
  ByteVector plain;
  FrameIndex index;
  ChunkDigest digest;

  explicit SampleChunk(std::uint32_t frameSize, Codec codec = Codec::ZSTD);
  // Appends one frame.
  SampleChunk& frame(ByteView bytes);
  // Appends frames of the frame size.
  SampleChunk& frames(ByteView bytes);
  SampleChunk& seal();
};

// Everything a reader of an untrusted file does, as one function: header, trailer, footer, every
// frame unpacked, the whole chunk's checksums compared.
Result<ByteVector> readWholeChunk(ByteView file);

}  // namespace cairn::format
