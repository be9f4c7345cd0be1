// Runs a built-in job in one process, for comparisons with other tools on the same file:
//   local_job wordcount --reduces 2 FILE OUT
//   mawk '{for(i=1;i<=NF;i++)c[$i]++} END{for(w in c)print w"\t"c[w]}' FILE > OUT.txt
#include <cstdio>
#include <string>
#include <vector>

#include "mapreduce/builtin/builtin.h"
#include "mapreduce/task/run_job.h"

int main(int argc, char** argv) {
  using namespace cairn::mr;
  const auto* const job = argc > 1 ? findBuiltInJob(argv[1]) : nullptr;
  if (job == nullptr) {
    std::fprintf(stderr, "usage: local_job JOB [OPTION]... IN... OUT\njobs:");
    for (const auto& known : builtInJobs()) {
      std::fprintf(stderr, " %s", std::string(known.program.name).c_str());
    }
    std::fprintf(stderr, "\n");
    return 2;
  }
  std::vector<std::string> args{"--local"};
  args.insert(args.end(), argv + 2, argv + argc);
  return runJobCommand(job->settings(), *job->program.make(), std::move(args),
                       {.calledAs = "local_job",
                        .builtIn = true,
                        .taskArgs = {},
                        .openTask = {},
                        .openSubmitter = {}});
}
