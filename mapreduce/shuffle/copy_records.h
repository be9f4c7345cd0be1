// Moves sorted records into a segment, through the job's combiner if it has one.
// Layer: mapreduce shuffle.  Threads: one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "cairn/mr/combine.h"
#include "common/base/result.h"
#include "mapreduce/shuffle/segment_writer.h"

namespace cairn::mr {

// Called once in a while from long loops; an error ends them.
using Tick = std::function<Result<void>()>;

struct CopyTotals {
  std::uint64_t written = 0;
  std::uint64_t combineInput = 0;
  std::uint64_t combineOutput = 0;
};

namespace detail {

// Often enough for a report, seldom enough to cost nothing.
inline constexpr std::uint32_t RECORDS_PER_TICK = 1 << 14;

// The values of one key, the first given, the others from the records that follow. Copies them:
// records are valid only until the next one.
template <typename Records>
class GroupValues final : public ValueBatches {
public:
  GroupValues(Records& records, std::string_view key, std::string_view first)
      : records_(records), key_(key), arena_(first), within_(true) {
    ends_[count_++] = arena_.size();
  }
  std::span<const std::string_view> nextBatch() override {
    while (within_ && count_ < BATCH) {
      arena_.append(records_.value());
      ends_[count_++] = arena_.size();
      more_ = records_.next();
      within_ = more_ && records_.key() == key_;
    }
    taken_ += count_;
    batch_.swap(arena_);
    arena_.clear();
    std::size_t begin = 0;
    for (std::size_t i = 0; i < count_; ++i) {
      views_[i] = std::string_view(batch_).substr(begin, ends_[i] - begin);
      begin = ends_[i];
    }
    const std::span<const std::string_view> batch(views_.data(), std::exchange(count_, 0));
    return batch;
  }
  // Passes the values that the combiner did not ask for.
  void drain() {
    while (!nextBatch().empty()) {
    }
  }
  std::uint64_t taken() const { return taken_; }
  // Whether the records stand on another key's first.
  bool more() const { return more_; }

private:
  static constexpr std::size_t BATCH = 64;
  Records& records_;
  std::string_view key_;
  std::string arena_;  // the next batch
  std::string batch_;  // what the views of the last one point into
  std::array<std::size_t, BATCH> ends_{};
  std::array<std::string_view, BATCH> views_{};
  std::size_t count_ = 0;
  std::uint64_t taken_ = 0;
  bool within_;
  bool more_ = true;
};

class CombinedOut final : public GroupCombiner::Out {
public:
  CombinedOut(SegmentWriter& to, std::string_view key) : to_(to), key_(key) {}
  void value(std::string_view bytes) override {
    to_.add(key_, bytes);
    ++count_;
  }
  std::uint64_t count() const { return count_; }

private:
  SegmentWriter& to_;
  std::string_view key_;
  std::uint64_t count_ = 0;
};

}  // namespace detail

// Records: bool next(), key(), value(), as SegmentCursor has them. `combiner` may be null.
// Failures of the records and of the writer are theirs to tell; this returns the tick's.
template <typename Records>
Result<void> copyRecords(Records& records, GroupCombiner* combiner, SegmentWriter& to,
                         const Tick& tick, CopyTotals& totals) {
  std::uint32_t untilTick = detail::RECORDS_PER_TICK;
  const auto ticked = [&]() -> Result<void> {
    if (--untilTick > 0) [[likely]]
      return {};
    untilTick = detail::RECORDS_PER_TICK;
    return tick();
  };
  if (combiner == nullptr) {
    for (; records.next() && !to.failed(); ++totals.written) {
      to.add(records.key(), records.value());
      TRY(ticked());
    }
    return {};
  }
  std::string key;
  std::string value;
  for (bool more = records.next(); more && !to.failed();) {
    TRY(ticked());
    key.assign(records.key());
    value.assign(records.value());
    more = records.next();
    if (!more || records.key() != key) {
      to.add(key, value);
      ++totals.written;
      continue;
    }
    detail::GroupValues<Records> values(records, key, value);
    detail::CombinedOut out(to, key);
    combiner->combine(key, values, out);
    values.drain();
    more = values.more();
    totals.combineInput += values.taken();
    totals.combineOutput += out.count();
    totals.written += out.count();
  }
  return {};
}

}  // namespace cairn::mr
