// Order-independent digest of a set of replicas, per range of chunk ids. A datanode and the
// namenode keep one each; equal digests spare the exchange of the lists (QFS: half an hour ->
// seconds at two billion chunks). Layer: base (pure).  Cost: one hash a replica, on adding and on
// removing.
#pragma once

#include <cstdint>

#include "common/base/ids.h"

namespace cairn {

// Ids count in steps of 16 (ids.h); one range holds 2^16 consecutive ones.
inline constexpr unsigned INVENTORY_RANGE_SHIFT = 20;
constexpr std::uint64_t inventoryRangeOf(ChunkId chunk) {
  return chunk.value >> INVENTORY_RANGE_SHIFT;
}

// Sum, modulo 2^128, of a hash of each member: adding and removing commute, so the order of
// events does not matter, and a set has one digest only.
class InventoryDigest {
public:
  InventoryDigest() = default;
  // As count(), sumHigh() and sumLow() gave it.
  InventoryDigest(std::uint64_t count, std::uint64_t sumHigh, std::uint64_t sumLow)
      : sum_(static_cast<unsigned __int128>(sumHigh) << 64 | sumLow), count_(count) {}

  // `length` in plain bytes. Only final replicas are members.
  void add(ChunkId chunk, GenerationStamp generation, std::uint64_t length);
  // Takes back an earlier add() of the same three values.
  void remove(ChunkId chunk, GenerationStamp generation, std::uint64_t length);

  std::uint64_t count() const { return count_; }
  std::uint64_t sumHigh() const { return static_cast<std::uint64_t>(sum_ >> 64); }
  std::uint64_t sumLow() const { return static_cast<std::uint64_t>(sum_); }
  bool operator==(const InventoryDigest&) const = default;

private:
  unsigned __int128 sum_ = 0;
  std::uint64_t count_ = 0;
};

}  // namespace cairn
