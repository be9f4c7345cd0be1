// A whole job in this process, on local files: --local. For development under a debugger, for
// tests, and for inputs that one machine can do. Layer: mapreduce/task.  Threads: the caller's, or
// more when asked for by mapreduce.local.map.tasks.maximum and mapreduce.local.reduce.tasks.maximum
// (default 1 each).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cairn/mr/conf.h"
#include "cairn/mr/counters.h"
#include "cairn/mr/program.h"
#include "common/base/result.h"

namespace cairn::mr {

struct LocalJob {
  std::vector<std::string> inputs;
  std::string output;
  std::uint32_t reduces = 1;
  JobConf conf;
};

struct LocalJobResult {
  CounterSet counters;
  std::uint32_t maps = 0;
};

// Runs it. The output directory appears in one step, with _SUCCESS, when all tasks are done; until
// then everything is in a directory beside it, ".<name>.XXXXXX", which goes when the job fails.
// ALREADY_EXISTS for an output that is there; a failed task's error, with its name in front.
Result<LocalJobResult> runLocalJob(const Program& program, const LocalJob& job);

}  // namespace cairn::mr
