// The bytes of blocks and records in map output files; FORMAT.md is the law.
// Layer: mapreduce shuffle (pure).  Threads: functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

#include "cairn/mr/record_buffer.h"
#include "common/base/bytes.h"

namespace cairn::mr {

// Plain bytes at which a block is full. Large enough to compress well and to read in few calls;
// small enough that 256 of them, one a merged run, are no burden.
inline constexpr std::size_t BLOCK_PLAIN_BYTES = std::size_t{128} << 10;
inline constexpr std::size_t BLOCK_HEADER_BYTES = 16;
inline constexpr std::size_t LENGTH_BYTES_MAX = 5;  // of one record length
static_assert(2 * RECORD_PART_BYTES_MAX + 2 * LENGTH_BYTES_MAX + BLOCK_PLAIN_BYTES <
                  std::numeric_limits<std::uint32_t>::max(),
              "a block's lengths fit 32 bits");

struct BlockHeader {
  std::uint32_t storedBytes = 0;
  std::uint32_t plainBytes = 0;
  std::uint32_t codec = 0;
  std::uint32_t crc32c = 0;
};

inline BlockHeader loadBlockHeader(const std::byte* from) {
  return {.storedBytes = loadLittle<std::uint32_t>(from),
          .plainBytes = loadLittle<std::uint32_t>(from + 4),
          .codec = loadLittle<std::uint32_t>(from + 8),
          .crc32c = loadLittle<std::uint32_t>(from + 12)};
}
inline void storeBlockHeader(const BlockHeader& header, std::byte* to) {
  storeLittle(to, header.storedBytes);
  storeLittle(to + 4, header.plainBytes);
  storeLittle(to + 8, header.codec);
  storeLittle(to + 12, header.crc32c);
}
// What a block's checksum covers before its payload.
inline constexpr std::size_t BLOCK_HEADER_CHECKED_BYTES = 12;

// Returns where the next byte goes.
inline char* putLength(char* to, std::uint32_t length) {
  for (; length >= 0x80; length >>= 7) *to++ = static_cast<char>(length | 0x80);
  *to++ = static_cast<char>(length);
  return to;
}
// Moves `from` behind the length. False when it does not end before `end` or within five bytes.
inline bool getLength(const char*& from, const char* end, std::uint32_t& length) {
  if (from < end && static_cast<unsigned char>(*from) < 0x80) [[likely]] {
    length = static_cast<unsigned char>(*from++);
    return true;
  }
  std::uint64_t value = 0;
  for (unsigned shift = 0; from < end && shift < 7 * LENGTH_BYTES_MAX; shift += 7) {
    const auto byte = static_cast<unsigned char>(*from++);
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) {
      length = static_cast<std::uint32_t>(value);
      return value <= std::numeric_limits<std::uint32_t>::max();
    }
  }
  return false;
}

}  // namespace cairn::mr
