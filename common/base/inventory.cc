#include "common/base/inventory.h"

namespace cairn {
namespace {

// SplitMix64's finaliser: a bijection whose output bits depend on all input bits.
std::uint64_t mix(std::uint64_t x) {
  x ^= x >> 30;
  x *= 0xbf58476d1ce4e5b9ULL;
  x ^= x >> 27;
  x *= 0x94d049bb133111ebULL;
  return x ^ x >> 31;
}

unsigned __int128 memberHash(ChunkId chunk, GenerationStamp generation, std::uint64_t length) {
  std::uint64_t high = mix(chunk.value + 0x9e3779b97f4a7c15ULL);
  high = mix(high ^ generation.value);
  high = mix(high ^ length);
  const std::uint64_t low = mix(high + 0x9e3779b97f4a7c15ULL) ^ mix(chunk.value ^ length << 1);
  return static_cast<unsigned __int128>(high) << 64 | low;
}

}  // namespace

void InventoryDigest::add(ChunkId chunk, GenerationStamp generation, std::uint64_t length) {
  sum_ += memberHash(chunk, generation, length);
  ++count_;
}

void InventoryDigest::remove(ChunkId chunk, GenerationStamp generation, std::uint64_t length) {
  sum_ -= memberHash(chunk, generation, length);
  --count_;
}

}  // namespace cairn
