// The jobs that the cairn binary brings with it. On a cluster they need no upload: every task
// tracker has them, and executes `cairn --cairn-task NAME` (taskMain() in
// mapreduce/task/task_main.h). Layer: mapreduce/builtin.  Threads: constants.
#pragma once

#include <span>
#include <string_view>

#include "cairn/mr/job.h"
#include "mapreduce/task/task_main.h"

namespace cairn::mr {

struct BuiltInJob {
  NamedProgram program;
  std::string_view summary;  // one line
  JobSettings (*settings)();
};

// In order of name.
std::span<const BuiltInJob> builtInJobs();
// Null when there is none.
const BuiltInJob* findBuiltInJob(std::string_view name);
// What taskMain() wants.
std::span<const NamedProgram> builtInPrograms();

// Each job is one file.
extern const BuiltInJob WORDCOUNT_JOB;

}  // namespace cairn::mr
