// Walks the frames of a chunk in file order, checks each, and indexes them: a packet as it arrives,
// a file whose writer crashed, a sealed file under the scrubber's eye. Fed with consecutive pieces
// of any size.
// Layer: format (pure).  Threads: one at a time.
// Cost: CRC speed over the stored bytes; with decoding, decompression too. Frames that lie whole in
// one piece are not copied; one frame that crosses pieces is kept (at most 1 MiB).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "common/base/bytes.h"
#include "common/base/ids.h"
#include "common/base/result.h"
#include "common/format/chunk_digest.h"
#include "common/format/frame.h"
#include "common/format/frame_index.h"
#include "common/format/prefix_crcs.h"

namespace cairn::format {

class ChunkScan {
public:
  enum class Depth : std::uint8_t {
    STORED,  // the stored checksums: finds every change since a frame was made, and other chunks'
    PLAIN,   // unpacks too: finds an encoder's fault, and yields digest()
  };

  // `chunk`: whose frames they must be. `frameSize`: of its header. The first byte fed is the one
  // behind the header.
  ChunkScan(ChunkId chunk, std::uint32_t frameSize, Depth depth);

  // Goes on behind frames that are known already, with the sums of their plain bytes. At depth
  // PLAIN the new ones are unpacked all the same, but there is no digest().
  ChunkScan(ChunkId chunk, std::uint32_t frameSize, Depth depth, FrameIndex before,
            PrefixCrcs plainCrcs);

  // Goes on where the last piece ended. Does nothing once stopped().
  void feed(ByteView piece);

  // The good prefix: frames that are whole, match their checksums as this chunk's, and follow each
  // other in sequence. Where it ends is index().framesEnd().
  const FrameIndex& index() const { return index_; }
  // CRC32C of the plain bytes of the good prefix; at depth STORED, as the frames' headers say.
  std::uint32_t plainCrc() const { return plainCrcs_.all(); }
  // The same of its beginnings, as far as they were known before.
  const PrefixCrcs& plainCrcs() const { return plainCrcs_; }
  // Whether there is a digest: at depth PLAIN, begun at the chunk's first frame.
  bool hasDigest() const { return hasDigest_; }
  // Of the good prefix. REQUIRES: hasDigest().
  const ChunkDigest& digest() const;

  // Bytes fed that lie behind the good prefix and are not a whole frame yet: at the end of a file
  // or packet, what is cut off. 0 once stopped.
  std::size_t pendingBytes() const { return pending_.size(); }

  // Whether anything but a good frame was met: the footer, or damage.
  bool stopped() const { return atFooter_ || damage_; }
  // The frames are followed by a footer (which is not looked at).
  bool atFooter() const { return atFooter_; }
  // What is wrong at index().framesEnd(): CORRUPT, or LIMIT_EXCEEDED (frame_index.h).
  const std::optional<Status>& damage() const { return damage_; }

private:
  // Takes what it can from the front; returns how many bytes that was.
  std::size_t take(ByteView bytes);
  Result<void> accept(const Frame& frame);
  // Bytes that must be there before the front of `bytes` can be judged further.
  std::size_t wanted(ByteView bytes) const;

  const ChunkId chunk_;
  const std::uint32_t frameSize_;
  const Depth depth_;
  const bool hasDigest_;
  FrameIndex index_;
  PrefixCrcs plainCrcs_;
  ChunkDigest digest_;
  ByteVector pending_;
  ByteVector plain_;  // room for one unpacked frame
  std::optional<Status> damage_;
  bool atFooter_ = false;
};

}  // namespace cairn::format
