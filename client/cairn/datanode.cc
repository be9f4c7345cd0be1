// `cairn datanode`.
#include "client/cairn/commands.h"
#include "client/cairn/daemon.h"
#include "client/cairn/no_arguments.h"
#include "client/cairn/services.h"

namespace cairn::app {
namespace {

constexpr char HELP[] =
    R"(Usage: cairn datanode [--config FILE] [--SETTING VALUE]...

Runs a datanode until SIGINT or SIGTERM: it keeps replicas of chunks in datanode.dirs, one
directory a disk. An empty directory is taken into use when the namenode accepts the node; one that
belongs to another cluster, or that another datanode uses, is refused.

  --config FILE      configuration (cairn.toml); 'cairn config' prints one with every setting
  --datanode.dirs DIR,DIR          and any other setting

Prints "ready datanode=HOST:PORT" when the namenode has accepted it.
Exit codes: 0 ended by a signal, 1 could not start or go on, 2 wrong usage.
Example: cairn datanode --datanode.dirs /disk1/cairn,/disk2/cairn --client.namenode nn1:8020
)";

int run(const shell::Invocation& call) {
  if (!takesNoArguments(call)) return shell::EXIT_USAGE;
  auto config = config::DatanodeConfig::from(call.settings);
  if (!config.has_value()) {
    call.console.complain(config.error().message());
    return shell::EXIT_USAGE;
  }
  return runDaemon(call, "datanode", config->log,
                   [&](kj::AsyncIoContext& io) { return newDatanodeService(io, *config); });
}

}  // namespace

const shell::Command DATANODE_COMMAND{
    .name = "datanode", .summary = "run a datanode", .help = HELP, .run = run, .daemon = true};

}  // namespace cairn::app
