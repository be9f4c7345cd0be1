// Runs one task attempt: the engine between a job's Program and the world behind a TaskRuntime.
// Layer: mapreduce/task.  Threads: the calling one, for as long as the attempt takes.
// Files: only below spec().scratchDir, whose owner removes them.
#pragma once

#include "cairn/mr/program.h"
#include "common/base/result.h"
#include "mapreduce/api/task_runtime.h"

namespace cairn::mr {

// Runs the task that runtime.spec() describes and tells runtime.finished() how it ended, whatever
// happens in between. An error: the task failed (TASK_FAILED with what the program threw), was to
// stop (CANCELLED), or nobody could be told.
Result<void> runTask(const Program& program, TaskRuntime& runtime);

// The parts, without finished().
Result<TaskOutcome> runMapTask(const Program& program, TaskRuntime& runtime);
Result<TaskOutcome> runReduceTask(const Program& program, TaskRuntime& runtime);

}  // namespace cairn::mr
