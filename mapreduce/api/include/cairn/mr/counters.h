// Counters of a task and of a job: Hadoop's names for what the engine counts, any group and name
// for what a program counts.
// Layer: mapreduce api (std only, installed).
// Threads: a CounterSet and its Counters belong to one thread (the task's).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace cairn::mr {

// What the engine itself counts. Names, groups and words for people are Hadoop's
// (org.apache.hadoop.mapreduce.TaskCounter and its neighbours): scripts search for them.
enum class TaskCounter : std::uint8_t {
  MAP_INPUT_RECORDS,
  MAP_OUTPUT_RECORDS,
  MAP_OUTPUT_BYTES,               // keys and values as encoded, before combining
  MAP_OUTPUT_MATERIALIZED_BYTES,  // the map output file's segments
  SPLIT_RAW_BYTES,                // here: bytes of the split description, as in Hadoop
  COMBINE_INPUT_RECORDS,
  COMBINE_OUTPUT_RECORDS,
  REDUCE_INPUT_GROUPS,
  REDUCE_SHUFFLE_BYTES,
  REDUCE_INPUT_RECORDS,
  REDUCE_OUTPUT_RECORDS,
  SPILLED_RECORDS,  // records written to local disk, map and reduce side together
  SHUFFLED_MAPS,
  FAILED_SHUFFLE,  // segments that arrived damaged
  MERGED_MAP_OUTPUTS,
  CPU_MILLISECONDS,
  BYTES_READ,     // plain bytes of input
  BYTES_WRITTEN,  // bytes of job output
  COUNT_
};

struct TaskCounterName {
  std::string_view group;         // "org.apache.hadoop.mapreduce.TaskCounter"
  std::string_view groupDisplay;  // "Map-Reduce Framework"
  std::string_view name;          // "MAP_INPUT_RECORDS"
  std::string_view display;       // "Map input records"
};
const TaskCounterName& nameOf(TaskCounter counter);

// What the job tracker counts: "TOTAL_LAUNCHED_MAPS", "DATA_LOCAL_MAPS", ...
inline constexpr std::string_view JOB_COUNTER_GROUP = "org.apache.hadoop.mapreduce.JobCounter";

// A handle on one counter; valid as long as the set it came from. Adding is one addition.
class Counter {
public:
  Counter() = default;
  void add(std::int64_t amount = 1) { *value_ += amount; }
  std::int64_t value() const { return *value_; }

private:
  friend class CounterSet;
  explicit Counter(std::int64_t* value) : value_(value) {}
  std::int64_t* value_ = nullptr;
};

class CounterSet {
public:
  using Name = std::pair<std::string, std::string>;  // group, name

  // Creates the counter at 0 when it is new. O(log counters): keep the handle.
  Counter counter(std::string_view group, std::string_view name);
  Counter counter(TaskCounter counter);

  // 0 for a counter that was never touched.
  std::int64_t value(std::string_view group, std::string_view name) const;
  std::int64_t value(TaskCounter counter) const;
  void set(TaskCounter counter, std::int64_t value) { *this->counter(counter).value_ = value; }

  // Adds each of `other`'s counters to the one of the same name here.
  void merge(const CounterSet& other);
  // In byte order of group and name. A map, so that handles survive insertion.
  const std::map<Name, std::int64_t>& all() const { return values_; }

private:
  std::map<Name, std::int64_t> values_;
};

// "Counters: 3\n\tMap-Reduce Framework\n\t\tMap input records=12\n...": what `hadoop job` prints.
std::string formatCounters(const CounterSet& counters);

}  // namespace cairn::mr
