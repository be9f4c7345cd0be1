// MD5 (RFC 1321), for HDFS's file checksum only; no defence against anybody.
// Layer: format (pure).  Threads: a value.  Cost: about 600 MB/s, over 4 bytes for each 512 plain.
// Our own, because a library's may be refused at run time (FIPS policies), and this sum must not
// fail.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "common/base/bytes.h"

namespace cairn::format {

struct Md5 {
  static constexpr std::size_t BYTES = 16;
  std::array<std::byte, BYTES> bytes{};

  bool operator==(const Md5&) const = default;
  // As messages carry it.
  operator ByteVector() const { return {bytes.begin(), bytes.end()}; }
  // 32 lower-case hex digits.
  std::string toString() const;
};

// The sum of what has been added so far; copies go on independently.
class Md5Sum {
public:
  void add(ByteView bytes);
  Md5 sum() const;

private:
  static constexpr std::size_t BLOCK_BYTES = 64;
  void takeBlock(const std::byte* block);

  std::array<std::uint32_t, 4> state_{0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476};
  std::uint64_t length_ = 0;
  std::array<std::byte, BLOCK_BYTES> block_{};  // its first length_ % BLOCK_BYTES bytes count
};

}  // namespace cairn::format
