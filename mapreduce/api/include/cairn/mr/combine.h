// Combiners: what may shrink a map's output before it travels.
// Layer: mapreduce api (std only, installed).
//
// A fold combiner has `void fold(V& into, V value)`, associative and commutative, for a V that
// is trivially copyable: it is applied on every emit, in memory. Sum, Min and Max are such.
// A reducer-shaped combiner has reduce(key, values, out) like a reducer, with the map's output
// types on both sides; it is applied to sorted records when they are spilled and when spills are
// merged. Either may be applied any number of times, also not at all.
#pragma once

#include <concepts>
#include <cstddef>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>

#include "cairn/mr/codec.h"
#include "cairn/mr/groups.h"

namespace cairn::mr {

struct Sum {
  template <typename V>
  void fold(V& into, V value) const {
    into = static_cast<V>(into + value);
  }
};
struct Min {
  template <typename V>
  void fold(V& into, V value) const {
    if (value < into) into = value;
  }
};
struct Max {
  template <typename V>
  void fold(V& into, V value) const {
    if (into < value) into = value;
  }
};

template <typename C, typename V>
concept FoldCombiner = std::is_trivially_copyable_v<V> && !Text<V> &&
                       requires(C& combiner, V& into, V value) { combiner.fold(into, value); };

// The encoded values of one key, in batches, so that no record costs a call across the library.
class ValueBatches {
public:
  virtual ~ValueBatches() = default;
  // The next values; valid until the next call; empty at the end.
  virtual std::span<const std::string_view> nextBatch() = 0;

  bool nextValue(std::string_view& value) {
    if (at_ == batch_.size()) {
      batch_ = nextBatch();
      at_ = 0;
      if (batch_.empty()) return false;
    }
    value = batch_[at_++];
    return true;
  }

private:
  std::span<const std::string_view> batch_;
  std::size_t at_ = 0;
};

// Combines one group of records; the engine's view of either kind of combiner. Called for groups
// of two records and more only.
class GroupCombiner {
public:
  virtual ~GroupCombiner() = default;
  // Takes an encoded value for the group's key.
  class Out {
  public:
    virtual ~Out() = default;
    virtual void value(std::string_view bytes) = 0;
  };
  virtual void combine(std::string_view key, ValueBatches& values, Out& out) = 0;
};

namespace detail {

template <typename V, typename C>
class FoldGroupCombiner final : public GroupCombiner {
public:
  void combine(std::string_view, ValueBatches& values, Out& out) override {
    std::string_view bytes;
    if (!values.nextValue(bytes)) return;
    V total = ValueCodec<V>::decode(bytes);
    while (values.nextValue(bytes)) combiner_.fold(total, ValueCodec<V>::decode(bytes));
    char encoded[ValueCodec<V>::MAX_BYTES + 1];
    out.value({encoded, ValueCodec<V>::encode(total, encoded)});
  }

private:
  C combiner_;
};

// What a reducer-shaped combiner calls as `out`.
template <typename K, typename V>
class CombineEmit {
public:
  CombineEmit(std::string_view key, GroupCombiner::Out& out, std::string& scratch)
      : key_(key), out_(out), scratch_(scratch) {}
  void operator()(ParamOf<K> key, ParamOf<V> value) {
    scratch_.resize(KeyCodec<K>::size(key));
    scratch_.resize(KeyCodec<K>::encode(key, scratch_.data()));
    // The records around it are sorted already.
    if (scratch_ != key_) throw std::logic_error("a combiner may only emit the key it was given");
    scratch_.resize(ValueCodec<V>::size(value));
    scratch_.resize(ValueCodec<V>::encode(value, scratch_.data()));
    out_.value(scratch_);
  }

private:
  std::string_view key_;
  GroupCombiner::Out& out_;
  std::string& scratch_;
};

template <typename K, typename V, typename C>
class ReduceGroupCombiner final : public GroupCombiner {
public:
  void combine(std::string_view key, ValueBatches& values, Out& out) override {
    CombineEmit<K, V> emit(key, out, scratch_);
    Values<V, ValueBatches> typed(values);
    combiner_.reduce(KeyCodec<K>::decode(key), typed, emit);
  }

private:
  C combiner_;
  std::string scratch_;
};

}  // namespace detail
}  // namespace cairn::mr
