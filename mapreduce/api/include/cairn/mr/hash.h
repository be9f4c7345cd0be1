// The hash of keys: decides a key's partition, so its values never change between versions (two
// jobs' outputs can be joined part by part). Pinned by tests/mapreduce/api/hash_test.cc.
// Layer: mapreduce api (std only, installed).  Cost: about 2 ns for a word.
// Not for untrusted keys in a table without bounds: it has no secret.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace cairn::mr {

namespace detail {

template <typename T>
inline std::uint64_t loadWord(const char* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  if constexpr (std::endian::native == std::endian::big) value = std::byteswap(value);
  return value;
}

// Both halves of the 128-bit product, folded: each input bit reaches every output bit.
inline std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  const auto product = static_cast<unsigned __int128>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

}  // namespace detail

inline std::uint64_t hashBytes(std::string_view bytes) {
  // Odd, without structure: fractional parts of square roots of primes (SHA-512's constants).
  constexpr std::uint64_t K0 = 0x6a09e667f3bcc909, K1 = 0xbb67ae8584caa73b, K2 = 0x3c6ef372fe94f82b;
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  std::uint64_t hash = K0 ^ left;
  while (left > 8) {
    hash = detail::mix(hash ^ detail::loadWord<std::uint64_t>(at), K1);
    at += 8;
    left -= 8;
  }
  std::uint64_t tail = 0;
  if (left >= 4) {  // two loads that may overlap: no loop over bytes
    tail = detail::loadWord<std::uint32_t>(at) | detail::loadWord<std::uint32_t>(at + left - 4)
                                                     << 32;
  } else if (left > 0) {
    tail = detail::loadWord<std::uint8_t>(at) | detail::loadWord<std::uint8_t>(at + left / 2) << 8 |
           detail::loadWord<std::uint8_t>(at + left - 1) << 16;
  }
  return detail::mix(hash ^ tail, K2);
}

// Spreads a hash over [0, partitions) without a division: the high half of hash * partitions.
inline std::uint32_t partitionOfHash(std::uint64_t hash, std::uint32_t partitions) {
  return static_cast<std::uint32_t>(static_cast<unsigned __int128>(hash) * partitions >> 64);
}

// The default partitioner. A partitioner of one's own has the same static function, given the
// encoded key (codec.h); with USES_HASH the engine passes the hash it has anyway.
struct HashPartition {
  static constexpr bool USES_HASH = true;
  static std::uint32_t partition(std::string_view, std::uint64_t hash, std::uint32_t partitions) {
    return partitionOfHash(hash, partitions);
  }
};

}  // namespace cairn::mr
