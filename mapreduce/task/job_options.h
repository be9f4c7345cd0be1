// The command line of a program that is a job.
// Layer: mapreduce/task.  Threads: functions on values.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "cairn/mr/job.h"
#include "common/base/result.h"
#include "mapreduce/api/task_runtime.h"

namespace cairn::mr {

struct JobOptions {
  bool help = false;
  bool local = false;
  JobSettings settings;  // the program's, with what the command line says
  ClusterOptions cluster;
};

// `args`: behind the program's name. INVALID_ARGUMENT with what is wrong.
Result<JobOptions> parseJobOptions(JobSettings settings, std::span<const std::string> args);

// What --help prints.
std::string jobHelp(std::string_view program, const JobSettings& settings);

}  // namespace cairn::mr
