// The checksums of a whole chunk, as its trailer has them (trailer.h), from its pieces in order.
// Layer: format (pure).  Threads: a value.  Cost: about 15 us for each MiB of plain bytes added.
#pragma once

#include <cstdint>

#include "common/format/md5.h"
#include "common/format/piece_digest.h"

namespace cairn::format {

class ChunkDigest {
public:
  // Takes the piece that follows those taken before, the first one at the chunk's start.
  // REQUIRES: piece.startInUnit() == length() % 512.
  void add(const PieceDigest& piece);

  // Of the plain bytes taken so far.
  std::uint64_t length() const { return length_; }
  std::uint32_t plainCrc() const { return plainCrc_; }
  // Over the CRC32C, big endian, of each 512 plain bytes and of what remains: HDFS's
  // MD5-of-0MD5-of-512CRC32C of one block.
  Md5 md5() const;

private:
  std::uint64_t length_ = 0;
  std::uint32_t plainCrc_ = 0;
  std::uint32_t unitCrc_ = 0;  // of the last length_ % 512 bytes
  Md5Sum wholeUnits_;
};

}  // namespace cairn::format
