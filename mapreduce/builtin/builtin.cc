#include "mapreduce/builtin/builtin.h"

#include <algorithm>
#include <array>
#include <vector>

namespace cairn::mr {

std::span<const BuiltInJob> builtInJobs() {
  static const std::array ALL{WORDCOUNT_JOB};
  return ALL;
}

const BuiltInJob* findBuiltInJob(std::string_view name) {
  const auto all = builtInJobs();
  const auto found =
      std::ranges::find(all, name, [](const BuiltInJob& job) { return job.program.name; });
  return found == all.end() ? nullptr : &*found;
}

std::span<const NamedProgram> builtInPrograms() {
  static const auto PROGRAMS = [] {
    std::vector<NamedProgram> programs;
    for (const auto& job : builtInJobs()) programs.push_back(job.program);
    return programs;
  }();
  return PROGRAMS;
}

}  // namespace cairn::mr
