// The records of a reduce, in order of their keys and gathered by key.
// Layer: mapreduce api (std only, installed).  Threads: the task's thread.
#pragma once

#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>

#include "cairn/mr/codec.h"

namespace cairn::mr {

class MergedRecords;  // mapreduce/shuffle/merge.h

// Walks groups of equal keys. Values of one key come in order of the maps' numbers, and from one
// map in the order in which it emitted them, so that a job's output is the same on every run.
class Groups {
public:
  // `records` outlives it and keeps the reason when the records end early.
  explicit Groups(MergedRecords& records) : records_(records) {}
  Groups(const Groups&) = delete;
  Groups& operator=(const Groups&) = delete;

  // Goes to the next key, past values that were not read. False at the end or after a failure.
  bool nextGroup();
  // The current key, encoded; valid until the next nextGroup().
  std::string_view key() const { return key_; }
  // The next value of the current key, encoded, valid until the next call; false when there is
  // none.
  bool nextValue(std::string_view& value);

  std::uint64_t groups() const { return groups_; }
  std::uint64_t records() const { return recordCount_; }

private:
  // ON_FIRST: the merge stands on the current key's first record, not given yet. WITHIN: on the
  // record given last. AT_NEXT: on the first record of the key after the current one.
  enum class At : std::uint8_t { START, ON_FIRST, WITHIN, AT_NEXT, END };

  MergedRecords& records_;
  std::string key_;  // a copy: the merge moves on while the values pass by
  std::uint64_t groups_ = 0;
  std::uint64_t recordCount_ = 0;
  At at_ = At::START;
};

// What a reducer iterates over: the values of one key, once, from front to back. A value that is a
// view is valid until the iterator moves.
template <typename V, typename Source>
class Values {
public:
  explicit Values(Source& source) : source_(source) {}
  Values(const Values&) = delete;
  Values& operator=(const Values&) = delete;

  class Iterator {
  public:
    using value_type = V;
    using difference_type = std::ptrdiff_t;
    using iterator_concept = std::input_iterator_tag;
    explicit Iterator(Source& source) : source_(&source) { ++*this; }
    V operator*() const { return ValueCodec<V>::decode(bytes_); }
    Iterator& operator++() {
      ended_ = !source_->nextValue(bytes_);
      return *this;
    }
    void operator++(int) { ++*this; }
    bool operator==(std::default_sentinel_t) const { return ended_; }

  private:
    Source* source_;
    std::string_view bytes_;
    bool ended_ = false;
  };
  // Once only: the values pass by.
  Iterator begin() { return Iterator(source_); }
  std::default_sentinel_t end() const { return {}; }

private:
  Source& source_;
};

}  // namespace cairn::mr
