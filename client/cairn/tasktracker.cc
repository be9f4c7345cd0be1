// `cairn tasktracker`.
#include "client/cairn/commands.h"
#include "client/cairn/daemon.h"
#include "client/cairn/no_arguments.h"
#include "client/cairn/services.h"

namespace cairn::app {
namespace {

constexpr char HELP[] =
    R"(Usage: cairn tasktracker [--config FILE] [--SETTING VALUE]...

Runs a task tracker until SIGINT or SIGTERM: it executes tasks as processes of their own, beside
the datanode that tasktracker.datanode names, and hands map outputs to reduces.

  --config FILE      configuration (cairn.toml); 'cairn config' prints one with every setting
  --tasktracker.slots N            and any other setting

Prints "ready tasktracker=HOST:PORT" when the job tracker has accepted it.
Exit codes: 0 ended by a signal, 1 could not start or go on, 2 wrong usage.
Example: cairn tasktracker --config /etc/cairn/cairn.toml
)";

int run(const shell::Invocation& call) {
  if (!takesNoArguments(call)) return shell::EXIT_USAGE;
  auto config = config::TaskTrackerConfig::from(call.settings);
  if (!config.has_value()) {
    call.console.complain(config.error().message());
    return shell::EXIT_USAGE;
  }
  return runDaemon(call, "tasktracker", config->log,
                   [&](kj::AsyncIoContext& io) { return newTaskTrackerService(io, *config, ""); });
}

}  // namespace

const shell::Command TASKTRACKER_COMMAND{.name = "tasktracker",
                                         .summary = "run a task tracker",
                                         .help = HELP,
                                         .run = run,
                                         .daemon = true};

}  // namespace cairn::app
