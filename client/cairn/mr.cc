// `cairn mr`: runs a built-in job.
#include <string>

#include "client/cairn/commands.h"
#include "common/config/client_config.h"
#include "mapreduce/builtin/builtin.h"
#include "mapreduce/task/cluster_submitter.h"
#include "mapreduce/task/run_job.h"

namespace cairn::app {
namespace {

constexpr char HELP[] =
    R"(Usage: cairn mr wordcount IN... OUT [--reduces N] [-D KEY=VALUE]... [--local]

Runs a built-in MapReduce job beside the data and waits for its end, with a progress line on a
terminal. IN are files or directories; OUT is a directory that must not exist: it appears in
one step, with part-r-00000 and so on, and _SUCCESS.

  wordcount          how often each word stands in the input

  --reduces N        parts of the result, default 1
  -D KEY=VALUE       the job's configuration, with Hadoop's keys
  --local            in this process, on local files
  --jobtracker HOST:PORT   where the job tracker is (or CAIRN_JOBTRACKER, client.jobtracker)

Exit codes: 0 done, 1 the job failed, 2 wrong usage.
Example: cairn mr wordcount /books /counts --reduces 2 && cairn cat '/counts/part-r-*'
)";

int run(const shell::Invocation& call) {
  const auto name = call.args.empty() ? std::string() : call.args.front();
  const auto* const job = mr::findBuiltInJob(name);
  if (job == nullptr) {
    call.console.complain(name.empty() ? "mr: say which job (see 'cairn mr --help')"
                                       : "mr: there is no built-in job '" + name +
                                             "' (see 'cairn mr --help')");
    return shell::EXIT_USAGE;
  }
  auto config = config::ClientConfig::from(call.settings);
  if (!config.has_value()) {
    call.console.complain(config.error().message());
    return shell::EXIT_USAGE;
  }
  call.console.flush();
  const auto openSubmitter = [&](const mr::ClusterOptions& options) {
    return mr::openClusterSubmitter(*config, options);
  };
  return mr::runJobCommand(job->settings(), *job->program.make(),
                           {call.args.begin() + 1, call.args.end()},
                           {.calledAs = "cairn mr " + name,
                            .builtIn = true,
                            .taskArgs = {name},
                            .openTask = mr::defaultBackends().openTask,
                            .openSubmitter = openSubmitter});
}

}  // namespace

const shell::Command MR_COMMAND{
    .name = "mr", .summary = "run a built-in MapReduce job", .help = HELP, .run = run};

}  // namespace cairn::app
