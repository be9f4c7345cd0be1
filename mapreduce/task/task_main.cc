#include "mapreduce/task/task_main.h"

#include <algorithm>
#include <cstdio>
#include <string>

#include "mapreduce/api/task_runtime.h"
#include "mapreduce/task/kernel.h"

namespace cairn::mr {

namespace {

enum ExitCode : int { DONE = 0, FAILED = 1, USAGE = 2 };

// Standard error is the attempt's log.
int complain(const std::string& name, const Status& why) {
  std::fprintf(stderr, "%s: %s\n", name.c_str(), why.message().c_str());
  return FAILED;
}

}  // namespace

int taskMain(int argc, char** argv, std::span<const NamedProgram> programs) {
  const std::string name = argc > 2 ? argv[2] : "";
  const auto found = std::ranges::find(programs, std::string_view(name), &NamedProgram::name);
  if (found == programs.end()) {
    std::fprintf(stderr,
                 "there is no built-in program '%s'; it is executed by task trackers only\n",
                 name.c_str());
    return USAGE;
  }
  const auto backends = defaultBackends();
  if (backends.openTask == nullptr) {
    return complain(name, Status(Code::UNSUPPORTED, "this program was linked for local runs only"));
  }
  auto runtime = backends.openTask(TASK_CONTROL_FD);
  if (!runtime.has_value()) return complain(name, runtime.error());
  const auto ran = runTask(*found->make(), **runtime);
  return ran.has_value() ? DONE : complain(name, ran.error());
}

}  // namespace cairn::mr
