// A job's code behind one narrow interface: the engine calls it once a task and once a block of
// input; below that, templates inline a program's mapper, reducer, combiner and partitioner into
// the loops over records.
// Layer: mapreduce api (std only, installed).  Threads: one task, one thread; a Program serves
// several tasks at once and keeps nothing between them.
// Errors: exceptions that leave a mapper or reducer end the attempt with their what(). Failures
// of the engine below (a full disk) are kept there; the loops only stop early.
#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <string_view>
#include <type_traits>

#include "cairn/mr/codec.h"
#include "cairn/mr/combine.h"
#include "cairn/mr/context.h"
#include "cairn/mr/emit.h"
#include "cairn/mr/groups.h"
#include "cairn/mr/hash.h"
#include "cairn/mr/record_buffer.h"
#include "cairn/mr/text.h"
#include "cairn/mr/text_writer.h"

namespace cairn::mr {

// Whole lines of input, and where they stand in the file.
struct LineBlock {
  std::uint64_t offset = 0;
  std::string_view text;
};

// One map attempt, as the program sees it.
class MapTask {
public:
  virtual ~MapTask() = default;
  // The next lines of the split; valid until the next call. False at the end, and after a failure
  // anywhere below.
  virtual bool nextBlock(LineBlock& block) = 0;
  // Of a job with reduces.
  virtual RecordBuffer& records() = 0;
  // Of a job without.
  virtual TextWriter& output() = 0;
  virtual TaskContext& context() = 0;

  MapTotals totals;
  // Where the record begins that is being mapped: named when the mapper fails.
  std::uint64_t recordOffset = 0;
};

// One reduce attempt.
class ReduceTask {
public:
  virtual ~ReduceTask() = default;
  virtual Groups& groups() = 0;
  virtual TextWriter& output() = 0;
  virtual TaskContext& context() = 0;
  // Once a few hundred groups: reports progress. False: stop (the attempt was cancelled, or the
  // output failed).
  virtual bool goOn() = 0;
};

class Program {
public:
  virtual ~Program() = default;
  // Reads all blocks, and emits into records() or output().
  virtual void runMap(MapTask& task) const = 0;
  virtual void runReduce(ReduceTask& task) const = 0;
  // Null when the job has no combiner.
  virtual std::unique_ptr<GroupCombiner> newCombiner() const = 0;
};

// Base classes that only name types. A mapper:
//   struct Words : Mapper<std::string_view, std::uint64_t> {
//     void map(std::uint64_t offset, std::string_view line, auto& out) { ... out(word, 1); }
//   };
// May have setup(TaskContext&) before the first record and cleanup(out) after the last one. Where
// lines do not matter, mapLines(offset, lines, out) in place of map() takes many at once, each with
// its end: whole lines, `offset` that of the first.
template <typename K, typename V>
struct Mapper {
  using OutKey = K;
  using OutValue = V;
};
// A reducer: reduce(key, values, out), with `values` a range to iterate over once. In: what the
// mapper emits. Out: what TextOutput prints.
template <typename K, typename V>
struct Reducer {
  using OutKey = K;
  using OutValue = V;
};

// Passes every value through: sorts.
template <typename K, typename V>
struct IdentityReducer : Reducer<K, V> {
  void reduce(ParamOf<K> key, auto& values, auto& out) {
    for (const auto& value : values) out(key, value);
  }
};
// Adds up.
template <typename K, typename V>
struct SumReducer : Reducer<K, V> {
  void reduce(ParamOf<K> key, auto& values, auto& out) {
    V total{};
    for (const V value : values) total = static_cast<V>(total + value);
    out(key, total);
  }
};

struct NoCombiner {};
struct NoReducer {};

namespace detail {

template <typename M, typename R, typename C, typename P>
class TypedProgram final : public Program {
  using K = typename M::OutKey;
  using V = typename M::OutValue;
  static constexpr bool HAS_COMBINER = !std::same_as<C, NoCombiner>;

public:
  void runMap(MapTask& task) const override {
    if (task.context().reduces == 0) {
      LineEmit<K, V> out(task.output(), task.totals);
      mapAll(task, out);
    } else if constexpr (FoldCombiner<C, V>) {
      FoldEmit<K, V, P, C> out(task.records(), task.context().reduces, task.totals);
      mapAll(task, out);
      out.finish();
    } else {
      SortEmit<K, V, P> out(task.records(), task.context().reduces, task.totals);
      mapAll(task, out);
    }
  }

  void runReduce(ReduceTask& task) const override {
    // A job that names no reducer and is given reduces all the same sorts, as in Hadoop.
    using Reduce = std::conditional_t<std::same_as<R, NoReducer>, IdentityReducer<K, V>, R>;
    Reduce reducer;
    if constexpr (requires { reducer.setup(task.context()); }) reducer.setup(task.context());
    ReduceEmit<typename Reduce::OutKey, typename Reduce::OutValue> out(task.output());
    Groups& groups = task.groups();
    Values<V, Groups> values(groups);
    // Often enough for progress, seldom enough to cost nothing.
    constexpr std::uint32_t GROUPS_PER_CHECK = 256;
    std::uint32_t untilCheck = GROUPS_PER_CHECK;
    while (groups.nextGroup()) {
      reducer.reduce(KeyCodec<K>::decode(groups.key()), values, out);
      if (--untilCheck == 0) {
        if (!task.goOn()) return;
        untilCheck = GROUPS_PER_CHECK;
      }
    }
    if constexpr (requires { reducer.cleanup(out); }) reducer.cleanup(out);
  }

  std::unique_ptr<GroupCombiner> newCombiner() const override {
    if constexpr (FoldCombiner<C, V>) {
      return std::make_unique<FoldGroupCombiner<V, C>>();
    } else if constexpr (HAS_COMBINER) {
      return std::make_unique<ReduceGroupCombiner<K, V, C>>();
    } else {
      return nullptr;
    }
  }

private:
  template <typename Out>
  static void mapAll(MapTask& task, Out& out) {
    M mapper;
    if constexpr (requires { mapper.setup(task.context()); }) mapper.setup(task.context());
    LineBlock block;
    while (task.nextBlock(block)) {
      if constexpr (requires { mapper.mapLines(block.offset, block.text, out); }) {
        task.recordOffset = block.offset;
        mapper.mapLines(block.offset, block.text, out);
        task.totals.inputRecords += countLines(block.text);
      } else {
        std::uint64_t lines = 0;
        forEachLine(block.text, [&](std::size_t position, std::string_view line) {
          ++lines;
          task.recordOffset = block.offset + position;
          mapper.map(block.offset + position, line, out);
        });
        task.totals.inputRecords += lines;
      }
    }
    if constexpr (requires { mapper.cleanup(out); }) mapper.cleanup(out);
  }
};

}  // namespace detail
}  // namespace cairn::mr
