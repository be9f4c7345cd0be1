#include "mapreduce/task/run_job.h"

#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

#include "mapreduce/api/engine_conf.h"
#include "mapreduce/task/job_options.h"
#include "mapreduce/task/kernel.h"
#include "mapreduce/task/local_job.h"

namespace cairn::mr {
namespace {

enum ExitCode : int { DONE = 0, FAILED = 1, USAGE = 2 };

int complain(const JobEnvironment& environment, const Status& why, ExitCode code = FAILED) {
  std::fprintf(stderr, "%s: %s\n", environment.calledAs.c_str(), why.message().c_str());
  return code;
}

ExitCode exitCodeOf(const Status& why) {
  return why.code() == Code::INVALID_ARGUMENT ? USAGE : FAILED;
}

Status localOnly() {
  return Status(Code::UNSUPPORTED, "this program was linked for local runs only; add --local");
}

int runLocally(const JobSettings& settings, const Program& program,
               const JobEnvironment& environment) {
  const LocalJob job{.inputs = settings.inputs,
                     .output = settings.output,
                     .reduces = settings.reduces.value_or(1),
                     .conf = settings.conf};
  const auto result = runLocalJob(program, job);
  if (!result.has_value()) {
    return complain(environment, result.error(), exitCodeOf(result.error()));
  }
  std::fprintf(stderr, "Job %s completed successfully\n%s", settings.name.c_str(),
               formatCounters(result->counters).c_str());
  return DONE;
}

int submit(const JobOptions& options, const JobEnvironment& environment) {
  if (!environment.openSubmitter) return complain(environment, localOnly());
  const auto& settings = options.settings;
  if (auto conf = EngineConf::from(settings.conf); !conf.has_value()) {
    return complain(environment, conf.error(), USAGE);
  }
  JobSubmission job{.name = settings.name,
                    .inputs = settings.inputs,
                    .output = settings.output,
                    .reduces = settings.reduces.value_or(1),
                    .conf = settings.conf,
                    .programPath = {},
                    .programArgs = environment.taskArgs};
  if (!environment.builtIn) {
    std::error_code error;
    job.programPath = std::filesystem::read_symlink("/proc/self/exe", error).string();
    if (error) return complain(environment, statusFromErrno(error.value(), "/proc/self/exe"));
  }
  auto submitter = environment.openSubmitter(options.cluster);
  if (!submitter.has_value()) {
    return complain(environment, submitter.error(), exitCodeOf(submitter.error()));
  }
  const auto done = (*submitter)->submitAndWait(job);
  return done.has_value() ? DONE : complain(environment, done.error());
}

}  // namespace

int runJobCommand(JobSettings settings, const Program& program, std::vector<std::string> args,
                  const JobEnvironment& environment) {
  const auto options = parseJobOptions(settings, args);
  if (!options.has_value()) {
    complain(environment, options.error());
    std::fprintf(stderr, "'%s --help' tells more\n", environment.calledAs.c_str());
    return USAGE;
  }
  if (options->help) {
    std::fputs(jobHelp(environment.calledAs, settings).c_str(), stdout);
    return DONE;
  }
  return options->local ? runLocally(options->settings, program, environment)
                        : submit(*options, environment);
}

int runJobTask(const Program& program, const JobEnvironment& environment) {
  if (!environment.openTask) return complain(environment, localOnly());
  auto runtime = environment.openTask(TASK_CONTROL_FD);
  if (!runtime.has_value()) return complain(environment, runtime.error());
  const auto ran = runTask(program, **runtime);
  return ran.has_value() ? DONE : complain(environment, ran.error());
}

int runJob(JobSettings settings, std::unique_ptr<const Program> program, int argc, char** argv) {
  const auto backends = defaultBackends();
  std::vector<std::string> args(argv + (argc > 0 ? 1 : 0), argv + argc);
  JobEnvironment environment{.calledAs = argc > 0 ? argv[0] : settings.name,
                             .builtIn = false,
                             .taskArgs = args,
                             .openTask = {},
                             .openSubmitter = {}};
  if (backends.openTask != nullptr) environment.openTask = backends.openTask;
  if (backends.openSubmitter != nullptr) environment.openSubmitter = backends.openSubmitter;
  if (!args.empty() && args.front() == TASK_FLAG) return runJobTask(*program, environment);
  return runJobCommand(std::move(settings), *program, std::move(args), environment);
}

}  // namespace cairn::mr
