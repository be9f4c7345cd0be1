#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "cairn/mr/job.h"
#include "mapreduce/api/engine_conf.h"
#include "mapreduce/api/task_runtime.h"
#include "mapreduce/task/job_options.h"
#include "mapreduce/task/kernel.h"
#include "mapreduce/task/local_job.h"

namespace cairn::mr {
namespace {

enum ExitCode : int { DONE = 0, FAILED = 1, USAGE = 2 };

class Reporter {
public:
  explicit Reporter(std::string name) : name_(std::move(name)) {}
  int operator()(const Status& why, ExitCode code = FAILED) const {
    std::fprintf(stderr, "%s: %s\n", name_.c_str(), why.message().c_str());
    return code;
  }

private:
  std::string name_;
};

// Executed by a task tracker. What goes wrong is told to it; standard error is the attempt's log.
int runAsTask(const Program& program, const Reporter& complain) {
  const auto backends = defaultBackends();
  if (backends.openTask == nullptr) {
    return complain(Status(Code::UNSUPPORTED, "this program was linked for local runs only"));
  }
  auto runtime = backends.openTask(TASK_CONTROL_FD);
  if (!runtime.has_value()) return complain(runtime.error());
  const auto ran = runTask(program, **runtime);
  return ran.has_value() ? DONE : complain(ran.error());
}

int runLocally(const Program& program, const JobSettings& settings, const Reporter& complain) {
  const LocalJob job{.inputs = settings.inputs,
                     .output = settings.output,
                     .reduces = settings.reduces.value_or(1),
                     .conf = settings.conf};
  const auto result = runLocalJob(program, job);
  if (!result.has_value()) {
    const auto code = result.error().code() == Code::INVALID_ARGUMENT ? USAGE : FAILED;
    return complain(result.error(), code);
  }
  std::fprintf(stderr, "Job %s completed successfully\n%s", settings.name.c_str(),
               formatCounters(result->counters).c_str());
  return DONE;
}

int submit(const JobOptions& options, std::vector<std::string> args, const Reporter& complain) {
  const auto backends = defaultBackends();
  if (backends.openSubmitter == nullptr) {
    return complain(
        Status(Code::UNSUPPORTED, "this program was linked for local runs only; add --local"));
  }
  if (auto conf = EngineConf::from(options.settings.conf); !conf.has_value()) {
    return complain(conf.error(), USAGE);
  }
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return complain(statusFromErrno(error.value(), "/proc/self/exe"));
  auto submitter = backends.openSubmitter(options.cluster);
  if (!submitter.has_value()) return complain(submitter.error());
  const auto& settings = options.settings;
  const JobSubmission job{.name = settings.name,
                          .inputs = settings.inputs,
                          .output = settings.output,
                          .reduces = settings.reduces.value_or(1),
                          .conf = settings.conf,
                          .programPath = self.string(),
                          .programArgs = std::move(args)};
  const auto done = (*submitter)->submitAndWait(job);
  return done.has_value() ? DONE : complain(done.error());
}

}  // namespace

int runJob(JobSettings settings, std::unique_ptr<const Program> program, int argc, char** argv) {
  const Reporter complain(settings.name);
  std::vector<std::string> args(argv + (argc > 0 ? 1 : 0), argv + argc);
  if (!args.empty() && args.front() == TASK_FLAG) return runAsTask(*program, complain);
  const auto options = parseJobOptions(settings, args);
  if (!options.has_value()) {
    complain(options.error());
    std::fprintf(stderr, "'%s --help' tells more\n", argc > 0 ? argv[0] : "");
    return USAGE;
  }
  if (options->help) {
    std::fputs(jobHelp(argc > 0 ? argv[0] : settings.name, settings).c_str(), stdout);
    return DONE;
  }
  if (options->local) return runLocally(*program, options->settings, complain);
  return submit(*options, std::move(args), complain);
}

}  // namespace cairn::mr
