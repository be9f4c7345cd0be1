// Combines on emit: an open-addressing index over a RecordBuffer that finds the record of a key
// and folds the new value into it, so that a key takes memory once however often it is emitted.
// Layer: mapreduce api (std only, installed).  Threads: the task's thread.
// Cost: 8 bytes a slot at a load of at most 3/4; a hit is one or two cache misses.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <string_view>
#include <utility>

#include "cairn/mr/hash.h"
#include "cairn/mr/large_memory.h"
#include "cairn/mr/record_buffer.h"

namespace cairn::mr {

namespace detail {

// Equal sizes are given. `stored` lies in a RecordBuffer (8 bytes behind it may be read),
// `key` anywhere.
inline bool sameBytes(const char* stored, const char* key, std::size_t size) {
  while (size > 8) {
    if (loadWord<std::uint64_t>(stored) != loadWord<std::uint64_t>(key)) return false;
    stored += 8;
    key += 8;
    size -= 8;
  }
  switch (size) {
    case 8: return loadWord<std::uint64_t>(stored) == loadWord<std::uint64_t>(key);
    case 7:
    case 6:
    case 5:
    case 4:
      return loadWord<std::uint32_t>(stored) == loadWord<std::uint32_t>(key) &&
             loadWord<std::uint32_t>(stored + size - 4) == loadWord<std::uint32_t>(key + size - 4);
    case 3:
      if (stored[2] != key[2]) return false;
      [[fallthrough]];
    case 2: return loadWord<std::uint16_t>(stored) == loadWord<std::uint16_t>(key);
    case 1: return *stored == *key;
    default: return true;
  }
}

}  // namespace detail

class FoldTable {
public:
  // Keys are found by this; computed once an emit.
  using Header = RecordBuffer::Header;

  // Takes up to a quarter of the buffer's budget for its slots. `buffer` is empty and outlives it.
  explicit FoldTable(RecordBuffer& buffer) : buffer_(buffer) {
    const std::size_t most = buffer.budgetBytes() / 4 / sizeof(Slot);
    while (maxSlots_ * 2 <= most) maxSlots_ *= 2;
    buffer.lendBytes(maxSlots_ * sizeof(Slot));
    resize(maxSlots_ < FIRST_SLOTS ? maxSlots_ : FIRST_SLOTS);
  }

  enum class Outcome : std::uint8_t { FOUND, ADDED, FULL };
  struct Place {
    Header* record;  // null when FULL: seal and spill, then clear()
    Outcome outcome;
  };
  // The record of `key`; a new one has room for `valueRoom` bytes of value, which the caller fills.
  template <typename PartitionOf>
  Place findOrAdd(std::string_view key, std::uint64_t hash, std::size_t valueRoom,
                  PartitionOf&& partitionOf) {
    const auto tag = static_cast<std::uint32_t>(hash);
    for (std::size_t i = tag & mask_;; i = (i + 1) & mask_) {
      const Slot slot = slots_[i];
      if (slot == 0) {
        if (used_ >= limit_) [[unlikely]] {
          if (mask_ + 1 >= maxSlots_) return {nullptr, Outcome::FULL};
          grow();
          return findOrAdd(key, hash, valueRoom, partitionOf);
        }
        Header* const record = buffer_.tryAdd(key, valueRoom, partitionOf());
        if (record == nullptr) return {nullptr, Outcome::FULL};
        ++used_;
        const auto at = static_cast<std::size_t>(reinterpret_cast<char*>(record) -
                                                 reinterpret_cast<char*>(buffer_.record(0)));
        slots_[i] = Slot{tag} << 32 | at / RecordBuffer::UNIT;
        return {record, Outcome::ADDED};
      }
      if (slot >> 32 == tag) {
        Header* const record = buffer_.record(static_cast<std::uint32_t>(slot));
        if (record->keyBytes == key.size() &&
            detail::sameBytes(record->key(), key.data(), key.size())) {
          return {record, Outcome::FOUND};
        }
      }
    }
  }
  // Ask memory for what findOrAdd() will look at: first the one, then, when that has come, the
  // other.
  void prefetchSlot(std::uint64_t hash) const {
    __builtin_prefetch(&slots_[static_cast<std::uint32_t>(hash) & mask_]);
  }
  void prefetchRecord(std::uint64_t hash) const {
    const Slot slot = slots_[static_cast<std::uint32_t>(hash) & mask_];
    __builtin_prefetch(buffer_.record(static_cast<std::uint32_t>(slot)));
  }

  // Forgets all keys; the buffer has been spilled.
  void clear() {
    std::memset(slots_, 0, (mask_ + 1) * sizeof(Slot));
    used_ = 0;
  }
  std::size_t keys() const { return used_; }

private:
  // Hash bits in the upper half, the record's place in the lower; 0 = free. The hash's bits also
  // say where the slot belongs, so that growing needs no keys.
  using Slot = std::uint64_t;
  static constexpr std::size_t FIRST_SLOTS = 1 << 14;

  void resize(std::size_t slots) {
    memory_ = LargeMemory(slots * sizeof(Slot));
    if (memory_.data() == nullptr) throw std::bad_alloc();
    slots_ = reinterpret_cast<Slot*>(memory_.data());
    mask_ = slots - 1;
    limit_ = slots / 4 * 3;
  }
  void grow() {
    const LargeMemory oldMemory = std::exchange(memory_, {});
    const auto* const old = slots_;
    const std::size_t oldSlots = mask_ + 1;
    resize(oldSlots * 2);
    for (std::size_t from = 0; from < oldSlots; ++from) {
      if (old[from] == 0) continue;
      std::size_t to = (old[from] >> 32) & mask_;
      while (slots_[to] != 0) to = (to + 1) & mask_;
      slots_[to] = old[from];
    }
  }

  RecordBuffer& buffer_;
  LargeMemory memory_;
  Slot* slots_ = nullptr;
  std::size_t mask_ = 0;
  std::size_t limit_ = 0;
  std::size_t used_ = 0;
  std::size_t maxSlots_ = 16;
};

}  // namespace cairn::mr
