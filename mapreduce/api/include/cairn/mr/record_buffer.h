// The memory of a map's output: records from the bottom, index entries from the top; when they
// meet, the buffer is sorted and spilled.
// Layer: mapreduce api (std only, installed; its inner loops must inline into jobs).
// Threads: the task's thread.  Cost: one address range, whose pages are touched as it fills.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "cairn/mr/large_memory.h"

namespace cairn::mr {

// One key and one value at most: 1 GiB each, so that lengths and block sizes fit 32 bits.
inline constexpr std::size_t RECORD_PART_BYTES_MAX = std::size_t{1} << 30;

class RecordBuffer {
public:
  // One record's place. Sorting moves these 16 bytes, never the record.
  struct Entry {
    std::uint64_t prefix;  // the key's first 8 bytes, big endian, zeros behind a shorter key
    std::uint32_t at;      // where the record begins, in units of UNIT bytes
    std::uint32_t partition;
  };
  static constexpr std::size_t UNIT = 8;
  // A record: this, the key, room for the value. Begins at a multiple of UNIT.
  struct Header {
    std::uint32_t keyBytes;
    std::uint32_t valueBytes;
    char* key() { return reinterpret_cast<char*>(this + 1); }
    char* value() { return key() + keyBytes; }
    std::string_view keyView() const { return {reinterpret_cast<const char*>(this + 1), keyBytes}; }
    std::string_view valueView() const {
      return {reinterpret_cast<const char*>(this + 1) + keyBytes, valueBytes};
    }
  };
  // Behind the last record at least this many bytes may be read (they mean nothing).
  static constexpr std::size_t SLACK_BYTES = 16;

  // Takes the records when the buffer is full, at the latest at the end. `buffer` may be sorted
  // in place; it is emptied by the caller. False: it failed, and keeps the reason.
  class Spiller {
  public:
    virtual ~Spiller() = default;
    virtual bool spill(RecordBuffer& buffer) = 0;
  };

  // `budgetBytes`: of records and index together; rounded up to a page. `spiller` outlives it.
  RecordBuffer(std::size_t budgetBytes, Spiller& spiller);
  RecordBuffer(const RecordBuffer&) = delete;
  RecordBuffer& operator=(const RecordBuffer&) = delete;

  // Adds a record with `key` copied and `valueRoom` bytes for the value (valueBytes is set to
  // that and may be lowered). Null: it does not fit; nothing has changed.
  Header* tryAdd(std::string_view key, std::size_t valueRoom, std::uint32_t partition) {
    const std::size_t need = sizeof(Header) + ((key.size() + valueRoom + UNIT - 1) & ~(UNIT - 1));
    if (recordsEnd_ + need + SLACK_BYTES + sizeof(Entry) > entriesBegin_) [[unlikely]] {
      return nullptr;
    }
    char* const at = base_ + recordsEnd_;
    auto* const record = reinterpret_cast<Header*>(at);
    record->keyBytes = static_cast<std::uint32_t>(key.size());
    record->valueBytes = static_cast<std::uint32_t>(valueRoom);
    if (!key.empty()) std::memcpy(record->key(), key.data(), key.size());
    entriesBegin_ -= sizeof(Entry);
    auto* const entry = reinterpret_cast<Entry*>(base_ + entriesBegin_);
    entry->prefix = prefixOf(key);
    entry->at = static_cast<std::uint32_t>(recordsEnd_ / UNIT);
    entry->partition = partition;
    recordsEnd_ += need;
    return record;
  }
  // The same after a spill when that is needed to make room. A record larger than the whole
  // buffer enlarges it for good. Null after a failure; the records since the last spill are lost.
  Header* add(std::string_view key, std::size_t valueRoom, std::uint32_t partition) {
    Header* const record = tryAdd(key, valueRoom, partition);
    return record != nullptr ? record : addSlowly(key, valueRoom, partition);
  }

  // Hands all records to the spiller and empties the buffer. False after a failure.
  bool spill();
  // A spill has failed, or a record was larger than the format allows: nothing is taken any more.
  bool failed() const { return failed_; }
  // Why, when it was a record's size; null otherwise (the spiller knows).
  const char* failure() const { return failure_; }
  bool empty() const { return entriesBegin_ == capacity_; }

  // In reverse order of adding. Invalidated by every other call.
  std::span<Entry> entries() {
    return {reinterpret_cast<Entry*>(base_ + entriesBegin_),
            (capacity_ - entriesBegin_) / sizeof(Entry)};
  }
  Header* record(std::uint32_t at) {
    return reinterpret_cast<Header*>(base_ + std::size_t{at} * UNIT);
  }
  const Header* record(std::uint32_t at) const {
    return reinterpret_cast<const Header*>(base_ + std::size_t{at} * UNIT);
  }
  std::size_t budgetBytes() const { return budget_; }
  // Gives `bytes` of the budget to something beside the buffer (a hash table). Only while empty.
  void lendBytes(std::size_t bytes);

  // The key's first 8 bytes as a number that orders like them.
  static std::uint64_t prefixOf(std::string_view key) {
    std::uint64_t bits = 0;
    if (key.size() >= 8) {
      std::memcpy(&bits, key.data(), 8);
    } else if (key.size() >= 4) {
      std::uint32_t low;
      std::uint32_t high;
      std::memcpy(&low, key.data(), 4);
      std::memcpy(&high, key.data() + key.size() - 4, 4);
      if constexpr (std::endian::native == std::endian::little) {
        low = std::byteswap(low);
        high = std::byteswap(high);
      }
      return std::uint64_t{low} << 32 | std::uint64_t{high} << (8 - key.size()) * 8;
    } else {
      for (std::size_t i = 0; i < key.size(); ++i) {
        bits |= static_cast<std::uint64_t>(static_cast<unsigned char>(key[i])) << (56 - 8 * i);
      }
      return bits;
    }
    if constexpr (std::endian::native == std::endian::little) bits = std::byteswap(bits);
    return bits;
  }

private:
  Header* addSlowly(std::string_view key, std::size_t valueRoom, std::uint32_t partition);
  bool reserve(std::size_t bytes);

  Spiller& spiller_;
  char* base_ = nullptr;
  // Offset 0 stays free, so that 0 can mean "no record".
  static constexpr std::size_t FIRST = UNIT;
  std::size_t recordsEnd_ = FIRST;
  std::size_t entriesBegin_ = 0;  // offset of the lowest entry
  std::size_t capacity_ = 0;      // offset behind the highest entry
  LargeMemory memory_;
  std::size_t budget_ = 0;
  bool failed_ = false;
  const char* failure_ = nullptr;
};

}  // namespace cairn::mr
