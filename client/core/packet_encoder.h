// Turns one packet of plain bytes into frames, as they will lie in the replicas' files.
// Layer: client/core (pure, but for the buffers' pool).  Threads: any; one packet on one thread.
// Cost: about 2.3 ms a MiB of text at zstd level 1.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "cairn/types.h"
#include "client/core/buffer_pool.h"
#include "common/base/bytes.h"
#include "common/base/ids.h"
#include "common/format/piece_digest.h"

namespace cairn::client {

// How the frames of a file are made.
struct Encoding {
  Codec codec = Codec::ZSTD;
  std::int8_t zstdLevel = 1;
  std::uint32_t frameSize = 0;  // plain bytes of all frames but a packet's last
};

struct EncodedPacket {
  // Whose frames they are: none's at first, for packets are made before their chunk is allotted,
  // and stay when it is abandoned for another one.
  ChunkId chunk;
  // The frames, one after the other, are the first `bytes` of `buffer`; or, where payloads were
  // left in the plain bytes' memory, these pieces, so many bytes together. `buffer` has room for
  // all.
  std::shared_ptr<Buffer> buffer;
  std::size_t bytes = 0;
  std::vector<ByteView> pieces;
  std::vector<std::uint32_t> headers;  // where in `buffer` the frames' headers begin
  std::shared_ptr<Buffer> plain;       // null when there are no pieces
  std::uint32_t plainLength = 0;
  format::PieceDigest digest;  // of the plain bytes; to be joined in order
};

// Where a packet stands in its chunk.
struct PacketPlace {
  std::uint32_t firstFrame = 0;  // number of its first frame
  std::uint64_t offset = 0;      // of its first plain byte
};

// Frames in a packet of this many plain bytes.
inline std::uint32_t framesOf(std::uint64_t plainLength, std::uint32_t frameSize) {
  return static_cast<std::uint32_t>((plainLength + frameSize - 1) / frameSize);
}

// Which frames it tries to compress depends on the packet's bytes alone (compress_trials.h).
// `owner`: of the plain bytes, which do not change while anybody has it: large payloads that do not
// shrink are left there. Null: all of them are copied.
// REQUIRES: plain is not empty; encoding.frameSize is 1 to limits::FRAME_SIZE_MAX.
EncodedPacket encodePacket(BufferPool& buffers, const Encoding& encoding, PacketPlace place,
                           ByteView plain, std::shared_ptr<Buffer> owner = nullptr);

// Makes its frames those of `chunk`, where they lie: a few bytes of each change. Whoever still
// sends them as another chunk's sends what no datanode takes.
void bindTo(ChunkId chunk, EncodedPacket& packet);

}  // namespace cairn::client
