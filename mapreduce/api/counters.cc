#include "cairn/mr/counters.h"

#include <array>
#include <cstddef>

namespace cairn::mr {
namespace {

constexpr std::string_view FRAMEWORK = "org.apache.hadoop.mapreduce.TaskCounter";
constexpr std::string_view FRAMEWORK_DISPLAY = "Map-Reduce Framework";
constexpr std::string_view FILE_INPUT =
    "org.apache.hadoop.mapreduce.lib.input.FileInputFormatCounter";
constexpr std::string_view FILE_OUTPUT =
    "org.apache.hadoop.mapreduce.lib.output.FileOutputFormatCounter";

// In TaskCounter's order. Words: Hadoop's TaskCounter.properties and its neighbours.
constexpr std::array<TaskCounterName, static_cast<std::size_t>(TaskCounter::COUNT_)> NAMES{{
    {FRAMEWORK, FRAMEWORK_DISPLAY, "MAP_INPUT_RECORDS", "Map input records"},
    {FRAMEWORK, FRAMEWORK_DISPLAY, "MAP_OUTPUT_RECORDS", "Map output records"},
    {FRAMEWORK, FRAMEWORK_DISPLAY, "MAP_OUTPUT_BYTES", "Map output bytes"},
    {FRAMEWORK, FRAMEWORK_DISPLAY, "MAP_OUTPUT_MATERIALIZED_BYTES",
     "Map output materialized bytes"},
    {FRAMEWORK, FRAMEWORK_DISPLAY, "SPLIT_RAW_BYTES", "Input split bytes"},
    {FRAMEWORK, FRAMEWORK_DISPLAY, "COMBINE_INPUT_RECORDS", "Combine input records"},
    {FRAMEWORK, FRAMEWORK_DISPLAY, "COMBINE_OUTPUT_RECORDS", "Combine output records"},
    {FRAMEWORK, FRAMEWORK_DISPLAY, "REDUCE_INPUT_GROUPS", "Reduce input groups"},
    {FRAMEWORK, FRAMEWORK_DISPLAY, "REDUCE_SHUFFLE_BYTES", "Reduce shuffle bytes"},
    {FRAMEWORK, FRAMEWORK_DISPLAY, "REDUCE_INPUT_RECORDS", "Reduce input records"},
    {FRAMEWORK, FRAMEWORK_DISPLAY, "REDUCE_OUTPUT_RECORDS", "Reduce output records"},
    {FRAMEWORK, FRAMEWORK_DISPLAY, "SPILLED_RECORDS", "Spilled Records"},
    {FRAMEWORK, FRAMEWORK_DISPLAY, "SHUFFLED_MAPS", "Shuffled Maps "},
    {FRAMEWORK, FRAMEWORK_DISPLAY, "FAILED_SHUFFLE", "Failed Shuffles"},
    {FRAMEWORK, FRAMEWORK_DISPLAY, "MERGED_MAP_OUTPUTS", "Merged Map outputs"},
    {FRAMEWORK, FRAMEWORK_DISPLAY, "CPU_MILLISECONDS", "CPU time spent (ms)"},
    {FILE_INPUT, "File Input Format Counters ", "BYTES_READ", "Bytes Read"},
    {FILE_OUTPUT, "File Output Format Counters ", "BYTES_WRITTEN", "Bytes Written"},
}};

constexpr std::string_view JOB_DISPLAY = "Job Counters ";

// In the order in which Hadoop prints them.
constexpr auto JOB_NAMES = std::to_array<TaskCounterName>({
    {JOB_COUNTER_GROUP, JOB_DISPLAY, "NUM_FAILED_MAPS", "Failed map tasks"},
    {JOB_COUNTER_GROUP, JOB_DISPLAY, "NUM_FAILED_REDUCES", "Failed reduce tasks"},
    {JOB_COUNTER_GROUP, JOB_DISPLAY, "NUM_KILLED_MAPS", "Killed map tasks"},
    {JOB_COUNTER_GROUP, JOB_DISPLAY, "NUM_KILLED_REDUCES", "Killed reduce tasks"},
    {JOB_COUNTER_GROUP, JOB_DISPLAY, "TOTAL_LAUNCHED_MAPS", "Launched map tasks"},
    {JOB_COUNTER_GROUP, JOB_DISPLAY, "TOTAL_LAUNCHED_REDUCES", "Launched reduce tasks"},
    {JOB_COUNTER_GROUP, JOB_DISPLAY, "OTHER_LOCAL_MAPS", "Other local map tasks"},
    {JOB_COUNTER_GROUP, JOB_DISPLAY, "DATA_LOCAL_MAPS", "Data-local map tasks"},
    {JOB_COUNTER_GROUP, JOB_DISPLAY, "RACK_LOCAL_MAPS", "Rack-local map tasks"},
    {JOB_COUNTER_GROUP, JOB_DISPLAY, "MILLIS_MAPS", "Total time spent by all map tasks (ms)"},
    {JOB_COUNTER_GROUP, JOB_DISPLAY, "MILLIS_REDUCES", "Total time spent by all reduce tasks (ms)"},
});

const TaskCounterName* find(const CounterSet::Name& name) {
  const auto in = [&](const auto& names) -> const TaskCounterName* {
    for (const auto& known : names) {
      if (known.group == name.first && known.name == name.second) return &known;
    }
    return nullptr;
  };
  const auto* known = in(JOB_NAMES);
  return known != nullptr ? known : in(NAMES);
}

}  // namespace

const TaskCounterName& nameOf(TaskCounter counter) {
  return NAMES.at(static_cast<std::size_t>(counter));
}

Counter CounterSet::counter(std::string_view group, std::string_view name) {
  return Counter(&values_[{std::string(group), std::string(name)}]);
}

Counter CounterSet::counter(TaskCounter counter) {
  const auto& known = nameOf(counter);
  return this->counter(known.group, known.name);
}

std::int64_t CounterSet::value(std::string_view group, std::string_view name) const {
  const auto at = values_.find({std::string(group), std::string(name)});
  return at == values_.end() ? 0 : at->second;
}

std::int64_t CounterSet::value(TaskCounter counter) const {
  const auto& known = nameOf(counter);
  return value(known.group, known.name);
}

void CounterSet::merge(const CounterSet& other) {
  for (const auto& [name, value] : other.values_) values_[name] += value;
}

std::string formatCounters(const CounterSet& counters) {
  std::string text = "Counters: " + std::to_string(counters.all().size()) + "\n";
  std::string_view group;
  const auto line = [&](const CounterSet::Name& name, std::string_view groupDisplay,
                        std::string_view display, std::int64_t value) {
    if (group.data() == nullptr || group != name.first) {
      text.append("\t").append(groupDisplay).append("\n");
      group = name.first;
    }
    text.append("\t\t").append(display).append("=").append(std::to_string(value)).append("\n");
  };
  const auto all = [&](const auto& names) {
    for (const auto& known : names) {
      const auto at = counters.all().find({std::string(known.group), std::string(known.name)});
      if (at != counters.all().end()) {
        line(at->first, known.groupDisplay, known.display, at->second);
      }
    }
  };
  // The job's and the engine's first, in the order in which people know them; then the programs'
  // own.
  all(JOB_NAMES);
  all(NAMES);
  for (const auto& [name, value] : counters.all()) {
    if (find(name) == nullptr) line(name, name.first, name.second, value);
  }
  return text;
}

}  // namespace cairn::mr
