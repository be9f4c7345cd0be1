#include "mapreduce/task/kernel.h"

namespace cairn::mr {

Result<void> runTask(const Program& program, TaskRuntime& runtime) {
  const auto outcome = runtime.spec().attempt.task.kind == TaskKind::MAP
                           ? runMapTask(program, runtime)
                           : runReduceTask(program, runtime);
  auto told = runtime.finished(outcome);
  if (!outcome.has_value()) return fail(outcome.error());
  return told;
}

}  // namespace cairn::mr
