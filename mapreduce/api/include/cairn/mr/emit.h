// What mappers and reducers call as `out(key, value)`: straight into the engine's memory.
// Layer: mapreduce api (std only, installed).  Threads: the task's thread.
// After a failure below (a full disk, a lost output) emits do nothing; the engine ends the task.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "cairn/mr/codec.h"
#include "cairn/mr/fold_table.h"
#include "cairn/mr/hash.h"
#include "cairn/mr/record_buffer.h"
#include "cairn/mr/text_writer.h"

namespace cairn::mr {

// Counted by the emitters, read by the engine when it reports.
struct MapTotals {
  std::uint64_t inputRecords = 0;
  std::uint64_t outputRecords = 0;
  std::uint64_t outputBytes = 0;
  // What folding on emit took in and let through.
  std::uint64_t combineInputRecords = 0;
  std::uint64_t combineOutputRecords = 0;
};

namespace detail {

template <typename P>
inline constexpr bool usesHash = requires { requires P::USES_HASH; };

template <typename P>
std::uint32_t partitionOf(std::string_view key, std::uint64_t hash, std::uint32_t partitions) {
  if (partitions == 1) return 0;
  const std::uint32_t partition = P::partition(key, hash, partitions);
  return partition < partitions ? partition : partition % partitions;
}

// Up to a few dozen bytes, without a call. The ranges do not overlap.
inline void copyShort(char* to, const char* from, std::size_t size) {
  if (size >= 8) {
    for (std::size_t i = 0; i + 8 < size; i += 8) std::memcpy(to + i, from + i, 8);
    std::memcpy(to + size - 8, from + size - 8, 8);
  } else if (size >= 4) {
    std::memcpy(to, from, 4);
    std::memcpy(to + size - 4, from + size - 4, 4);
  } else {
    for (std::size_t i = 0; i < size; ++i) to[i] = from[i];
  }
}

// The encoded form of a key: text as it stands, anything else in a buffer of its own.
template <typename K>
class EncodedKey {
public:
  std::string_view operator()(ParamOf<K> key) {
    if constexpr (Text<K>) {
      return key;
    } else if constexpr (requires { KeyCodec<K>::MAX_BYTES; }) {
      return {fixed_, KeyCodec<K>::encode(key, fixed_)};
    } else {
      variable_.resize(KeyCodec<K>::size(key));
      return {variable_.data(), KeyCodec<K>::encode(key, variable_.data())};
    }
  }

private:
  static constexpr std::size_t fixedBytes() {
    if constexpr (requires { KeyCodec<K>::MAX_BYTES; }) return KeyCodec<K>::MAX_BYTES + 1;
    return 1;
  }
  char fixed_[fixedBytes()];
  std::string variable_;
};

}  // namespace detail

// Map output of a job without reduces: lines of the job's output.
template <typename K, typename V>
class LineEmit {
public:
  LineEmit(TextWriter& writer, MapTotals& totals) : writer_(writer), totals_(totals) {}
  void operator()(ParamOf<K> key, ParamOf<V> value) {
    ++totals_.outputRecords;
    writer_.write<K, V>(key, value);
  }

private:
  TextWriter& writer_;
  MapTotals& totals_;
};

template <typename K, typename V>
class ReduceEmit {
public:
  explicit ReduceEmit(TextWriter& writer) : writer_(writer) {}
  void operator()(ParamOf<K> key, ParamOf<V> value) { writer_.write<K, V>(key, value); }

private:
  TextWriter& writer_;
};

// Map output that is sorted as it comes.
template <typename K, typename V, typename P>
class SortEmit {
public:
  SortEmit(RecordBuffer& buffer, std::uint32_t partitions, MapTotals& totals)
      : buffer_(buffer), totals_(totals), partitions_(partitions) {}

  void operator()(ParamOf<K> key, ParamOf<V> value) {
    const std::string_view bytes = encode_(key);
    add(bytes, detail::usesHash<P> && partitions_ > 1 ? hashBytes(bytes) : 0, value);
  }
  // With the encoded key and its hash. False after a failure.
  bool add(std::string_view key, std::uint64_t hash, ParamOf<V> value) {
    const auto partition = detail::partitionOf<P>(key, hash, partitions_);
    return fill(buffer_.add(key, ValueCodec<V>::size(value), partition), value);
  }
  // False when the buffer is full; nothing has changed then.
  bool tryAdd(std::string_view key, std::uint64_t hash, ParamOf<V> value) {
    const auto partition = detail::partitionOf<P>(key, hash, partitions_);
    return fill(buffer_.tryAdd(key, ValueCodec<V>::size(value), partition), value);
  }

private:
  bool fill(RecordBuffer::Header* record, ParamOf<V> value) {
    if (record == nullptr) [[unlikely]]
      return false;
    record->valueBytes = static_cast<std::uint32_t>(ValueCodec<V>::encode(value, record->value()));
    ++totals_.outputRecords;
    totals_.outputBytes += record->keyBytes + record->valueBytes;
    return true;
  }

  RecordBuffer& buffer_;
  MapTotals& totals_;
  std::uint32_t partitions_;
  detail::EncodedKey<K> encode_;
};

// Map output that is folded as it comes, by a hash table; where that does not pay (most keys are
// new), sorted as it comes for a while.
//
// A table larger than the caches makes each look-up wait for memory, twice: for the slot and for
// the record. So emits pass through a short queue: when one enters, its slot is asked for; half
// way, its record; when it leaves, both are there. Folding is commutative, so nobody sees it.
template <typename K, typename V, typename P, typename C>
class FoldEmit {
public:
  FoldEmit(RecordBuffer& buffer, std::uint32_t partitions, MapTotals& totals)
      : buffer_(buffer),
        table_(buffer),
        totals_(totals),
        partitions_(partitions),
        unfolded_(buffer, partitions, totals) {}

  void operator()(ParamOf<K> key, ParamOf<V> value) {
    const std::string_view bytes = encode_(key);
    const std::uint64_t hash = hashBytes(bytes);
    if (bytes.size() > QUEUED_KEY_BYTES) [[unlikely]]
      return add(bytes, hash, value);
    Queued& place = queue_[entered_ % QUEUE];
    if (entered_ >= QUEUE) add({place.key, place.keyBytes}, place.hash, place.value);
    place.hash = hash;
    place.value = value;
    place.keyBytes = static_cast<std::uint32_t>(bytes.size());
    detail::copyShort(place.key, bytes.data(), bytes.size());
    table_.prefetchSlot(hash);
    table_.prefetchRecord(queue_[(entered_ + QUEUE / 2) % QUEUE].hash);
    ++entered_;
  }

  // Makes the buffer's records what the engine expects. After the last emit.
  void finish() {
    for (std::size_t i = entered_ > QUEUE ? entered_ - QUEUE : 0; i < entered_; ++i) {
      const Queued& place = queue_[i % QUEUE];
      add({place.key, place.keyBytes}, place.hash, place.value);
    }
    entered_ = 0;
    if (folding_) seal();
  }

private:
  static constexpr std::size_t VALUE_ROOM = sizeof(V) > ValueCodec<V>::MAX_BYTES
                                                ? sizeof(V)
                                                : ValueCodec<V>::MAX_BYTES;
  // Folding must take away at least this share of a buffer's emits, in percent: below that a
  // table costs more than the sort it saves.
  static constexpr std::uint64_t FOLD_PERCENT_MIN = 20;
  // Buffers sorted unfolded before folding is tried again: inputs change on the way.
  static constexpr std::uint32_t UNFOLDED_SPILLS = 8;
  // Memory answers in about 100 ns; an emit takes about 15 when it need not wait.
  static constexpr std::size_t QUEUE = 16;
  // Longer keys are seldom and pay for their length anyway.
  static constexpr std::size_t QUEUED_KEY_BYTES = 40;

  struct Queued {
    std::uint64_t hash = 0;
    V value{};
    std::uint32_t keyBytes = 0;
    char key[QUEUED_KEY_BYTES];
  };

  void add(std::string_view key, std::uint64_t hash, V value) {
    if (!folding_) [[unlikely]]
      return addUnfolded(key, hash, value);
    auto place = findOrAdd(key, hash);
    if (place.outcome == FoldTable::Outcome::FULL) [[unlikely]] {
      if (!spill()) return;
      if (!folding_) return addUnfolded(key, hash, value);
      place = findOrAdd(key, hash);
      if (place.outcome == FoldTable::Outcome::FULL) {
        // Larger than the whole buffer: the sort path enlarges it.
        stopFolding(1);
        return addUnfolded(key, hash, value);
      }
    }
    ++emits_;
    ++totals_.outputRecords;
    totals_.outputBytes += key.size() + ValueCodec<V>::size(value);
    V total = value;
    if (place.outcome == FoldTable::Outcome::FOUND) {
      std::memcpy(&total, place.record->value(), sizeof total);
      combiner_.fold(total, value);
    }
    std::memcpy(place.record->value(), &total, sizeof total);
  }

  FoldTable::Place findOrAdd(std::string_view key, std::uint64_t hash) {
    return table_.findOrAdd(key, hash, VALUE_ROOM,
                            [&] { return detail::partitionOf<P>(key, hash, partitions_); });
  }
  // The values in the buffer, as V holds them -> encoded.
  void seal() {
    for (const auto& entry : buffer_.entries()) {
      auto* const record = buffer_.record(entry.at);
      V total;
      std::memcpy(&total, record->value(), sizeof total);
      record->valueBytes =
          static_cast<std::uint32_t>(ValueCodec<V>::encode(total, record->value()));
    }
    totals_.combineInputRecords += emits_;
    totals_.combineOutputRecords += table_.keys();
  }
  bool spill() {
    seal();
    const std::uint64_t folded = emits_ - table_.keys();
    if (folded * 100 < emits_ * FOLD_PERCENT_MIN) stopFolding(UNFOLDED_SPILLS);
    table_.clear();
    emits_ = 0;
    return buffer_.spill();
  }
  void stopFolding(std::uint32_t spills) {
    folding_ = false;
    unfoldedLeft_ = spills;
  }
  void addUnfolded(std::string_view key, std::uint64_t hash, ParamOf<V> value) {
    if (unfolded_.tryAdd(key, hash, value)) [[likely]]
      return;
    // Full: the point to go back to folding, unless the record is a giant.
    if (unfoldedLeft_ > 0) --unfoldedLeft_;
    if (!unfolded_.add(key, hash, value)) return;
    if (unfoldedLeft_ == 0 && buffer_.spill()) folding_ = true;
  }

  RecordBuffer& buffer_;
  FoldTable table_;
  MapTotals& totals_;
  std::uint32_t partitions_;
  SortEmit<K, V, P> unfolded_;
  detail::EncodedKey<K> encode_;
  C combiner_;
  Queued queue_[QUEUE];
  std::size_t entered_ = 0;  // emits that came into the queue
  std::uint64_t emits_ = 0;  // folded since the last spill
  bool folding_ = true;
  std::uint32_t unfoldedLeft_ = 0;
};

}  // namespace cairn::mr
