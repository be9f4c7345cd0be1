// A program that is the tasks of several jobs: the cairn binary with its built-in ones. A program
// of a single job has Job::run for that. Layer: mapreduce/task.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "cairn/mr/program.h"

namespace cairn::mr {

struct NamedProgram {
  std::string_view name;  // "wordcount"
  std::unique_ptr<const Program> (*make)();
};

// `binary --cairn-task NAME ...`, as a task tracker executes it: runs the one task that it asks for
// over descriptor 3. The process's exit code: 0, 1 (the task failed), 2 (no such program).
int taskMain(int argc, char** argv, std::span<const NamedProgram> programs);

}  // namespace cairn::mr
