// What a mapper or a reducer may know about the task attempt it runs in.
// Layer: mapreduce api (std only, installed).  Threads: the task's thread only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "cairn/mr/conf.h"
#include "cairn/mr/counters.h"

namespace cairn::mr {

// Given to setup(TaskContext&); outlives the mapper or reducer, so keep a pointer if needed.
class TaskContext {
public:
  TaskContext(const JobConf& conf, CounterSet& counters) : conf_(conf), counters_(counters) {}
  TaskContext(const TaskContext&) = delete;
  TaskContext& operator=(const TaskContext&) = delete;

  const JobConf& conf() const { return conf_; }
  // A counter of the program's own; fetch it once, in setup.
  Counter counter(std::string_view group, std::string_view name) {
    return counters_.counter(group, name);
  }
  // One line for people, at most 1024 bytes; the job tracker learns it with the next report.
  void setStatus(std::string_view text) { status_ = text; }
  const std::string& status() const { return status_; }

  std::string attemptId;        // "attempt_1700000000000_0001_m_000000_0"
  std::uint32_t taskIndex = 0;  // the map's number, or the partition that a reduce writes
  std::uint32_t attemptNumber = 0;
  std::uint32_t reduces = 0;  // 0 = the map's output is the job's
  std::string inputPath;      // of a map; empty in a reduce

private:
  const JobConf& conf_;
  CounterSet& counters_;
  std::string status_;
};

}  // namespace cairn::mr
