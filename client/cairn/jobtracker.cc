// `cairn jobtracker`.
#include "client/cairn/commands.h"
#include "client/cairn/daemon.h"
#include "client/cairn/no_arguments.h"
#include "client/cairn/services.h"

namespace cairn::app {
namespace {

constexpr char HELP[] =
    R"(Usage: cairn jobtracker [--config FILE] [--SETTING VALUE]...

Runs the job tracker until SIGINT or SIGTERM: it takes jobs, plans their tasks, and hands them to
the task trackers. Its journal is in jobtracker.dir, which it creates when missing; started again
it goes on with the jobs it had.

  --config FILE      configuration (cairn.toml); 'cairn config' prints one with every setting
  --jobtracker.address HOST:PORT   and any other setting

Prints "ready jobtracker=HOST:PORT" when it serves.
Exit codes: 0 ended by a signal, 1 could not start or go on, 2 wrong usage.
Example: cairn jobtracker --config /etc/cairn/cairn.toml
)";

int run(const shell::Invocation& call) {
  if (!takesNoArguments(call)) return shell::EXIT_USAGE;
  auto config = config::JobTrackerConfig::from(call.settings);
  if (!config.has_value()) {
    call.console.complain(config.error().message());
    return shell::EXIT_USAGE;
  }
  return runDaemon(call, "jobtracker", config->log,
                   [&](kj::AsyncIoContext& io) { return newJobTrackerService(io, *config); });
}

}  // namespace

const shell::Command JOBTRACKER_COMMAND{.name = "jobtracker",
                                        .summary = "run the job tracker",
                                        .help = HELP,
                                        .run = run,
                                        .daemon = true};

}  // namespace cairn::app
