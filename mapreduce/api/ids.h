// Names of jobs, tasks and attempts, in Hadoop's form: tools and scripts take them apart.
// Layer: mapreduce api (base only).  Threads: values.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace cairn::mr {

enum class TaskKind : std::uint8_t { MAP = 0, REDUCE = 1 };

// "job_1700000000000_0001": the job tracker's start in Unix milliseconds, and a sequence number
// from 1 (at least four digits).
struct JobId {
  std::int64_t trackerStartMs = 0;
  std::uint32_t sequence = 0;

  auto operator<=>(const JobId&) const = default;
  std::string toString() const;
  // INVALID_ARGUMENT unless exactly of that form.
  static Result<JobId> parse(std::string_view text);
};

// "task_1700000000000_0001_m_000000".
struct TaskId {
  JobId job;
  TaskKind kind = TaskKind::MAP;
  std::uint32_t index = 0;  // maps and reduces are numbered apart, each from 0

  auto operator<=>(const TaskId&) const = default;
  std::string toString() const;
  static Result<TaskId> parse(std::string_view text);
};

// "attempt_1700000000000_0001_m_000000_0".
struct AttemptId {
  TaskId task;
  std::uint32_t number = 0;

  auto operator<=>(const AttemptId&) const = default;
  std::string toString() const;
  static Result<AttemptId> parse(std::string_view text);
};

// "part-m-00000", "part-r-00000": the file that a task writes into the job's output directory.
std::string partName(TaskKind kind, std::uint32_t index);

}  // namespace cairn::mr
