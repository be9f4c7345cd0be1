// The checksums of a piece of a chunk's plain bytes, in a form in which consecutive pieces join
// into those of the whole chunk (chunk_digest.h), whoever computed them and on whichever thread.
// Layer: format (pure).  Threads: a value.
// Cost: one pass over the bytes at CRC speed; 4 bytes of memory for each 512 plain.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "common/base/bytes.h"

namespace cairn::format {

class PieceDigest {
public:
  // Of no bytes yet, at `chunkOffset` of the chunk. HDFS's checksum units (512 plain bytes) are
  // counted from the chunk's first byte, so a piece that does not start at a multiple of them must
  // say so.
  explicit PieceDigest(std::uint64_t chunkOffset = 0);

  // Takes the bytes that follow those taken before. Returns the CRC32C of just these.
  std::uint32_t add(ByteView plain);
  // Takes the piece that follows. REQUIRES: next.startInUnit() == endInUnit().
  void add(const PieceDigest& next);

  std::uint64_t length() const { return length_; }
  std::uint32_t plainCrc() const { return plainCrc_; }
  // Bytes of the first unit that lie before the piece, and of the last that lie in it or before:
  // below 512; 0 at a border.
  std::uint32_t startInUnit() const { return startInUnit_; }
  std::uint32_t endInUnit() const;
  // The CRC32C of the piece's part of each unit it touches: of all the unit but, perhaps, for the
  // first and the last.
  std::span<const std::uint32_t> unitCrcs() const { return unitCrcs_; }

private:
  std::uint64_t length_ = 0;
  std::uint32_t plainCrc_ = 0;
  std::uint32_t startInUnit_;
  std::vector<std::uint32_t> unitCrcs_;
};

}  // namespace cairn::format
