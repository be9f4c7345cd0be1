// TaskRuntime against a cluster: a blocking facade for the task's thread over a TaskLoop on a
// thread of its own, which reads ahead, fetches, sends and reports meanwhile. Layer:
// mapreduce/task.  Threads: as TaskRuntime says: the task's thread. Cost: a call that reaches the
// loop costs two thread switches (about 20 us); bytes cross in pieces of about a MiB, and reports
// several times a second.
#pragma once

#include <memory>

#include "mapreduce/api/task_runtime.h"

namespace cairn::mr {

// `controlFd` is connected to the task tracker; it is taken over.
Result<std::unique_ptr<TaskRuntime>> openRemoteTask(int controlFd);

}  // namespace cairn::mr
