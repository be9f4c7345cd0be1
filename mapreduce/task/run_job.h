// Runs a job from its command line, or one task of it: what Job::run and the binary's own jobs
// share. Layer: mapreduce/task.  Threads: the main thread; blocks.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cairn/mr/job.h"
#include "common/base/result.h"
#include "mapreduce/api/task_runtime.h"

namespace cairn::mr {

struct JobEnvironment {
  // How to call the program in messages and help: "wordcount", "cairn mr wordcount".
  std::string calledAs;
  // The trackers have this very program, so it is not uploaded; these arguments, behind the one
  // that makes it a task, lead it to the job.
  bool builtIn = false;
  std::vector<std::string> taskArgs;
  // Either may be empty: see Backends.
  std::function<Result<std::unique_ptr<TaskRuntime>>(int controlFd)> openTask;
  std::function<Result<std::unique_ptr<JobSubmitter>>(const ClusterOptions&)> openSubmitter;
};

// `args`: the job's options, inputs and output (job_options.h). Returns the exit code: 0 done,
// 1 failed, 2 wrong usage; what went wrong is on standard error.
int runJobCommand(JobSettings settings, const Program& program, std::vector<std::string> args,
                  const JobEnvironment& environment);

// Runs the task that the tracker at TASK_CONTROL_FD has for this process. What goes wrong is told
// to it; standard error is the attempt's log.
int runJobTask(const Program& program, const JobEnvironment& environment);

}  // namespace cairn::mr
