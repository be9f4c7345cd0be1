// `cairn namenode`.
#include "client/cairn/commands.h"
#include "client/cairn/daemon.h"
#include "client/cairn/format_namenode.h"
#include "client/cairn/services.h"

namespace cairn::app {
namespace {

constexpr char HELP[] =
    R"(Usage: cairn namenode --format [--config FILE] [--SETTING VALUE]...
       cairn namenode [--config FILE] [--SETTING VALUE]...

With --format makes a new, empty file system in namenode.dir, and ends. It never overwrites one that
is there. Without it runs the namenode until SIGINT or SIGTERM: it keeps the names of all files and
the places of their chunks. The user that runs it is the superuser.

  --config FILE      configuration (cairn.toml); 'cairn config' prints one with every setting
  --namenode.address HOST:PORT     and any other setting

Prints "ready namenode=HOST:PORT" when it serves.
Exit codes: 0 formatted, or ended by a signal; 1 could not start or go on; 2 wrong usage.
Example: cairn namenode --format && cairn namenode
)";

int format(const shell::Invocation& call, const config::NamenodeConfig& config) {
  auto formatted = formatNamenode(config);
  if (!formatted.has_value()) {
    call.console.complain("namenode: " + formatted.error().message());
    return shell::EXIT_FAILED;
  }
  call.console.print("formatted a new file system in " + config.directory + "\n");
  return shell::EXIT_DONE;
}

int run(const shell::Invocation& call) {
  const bool formats = call.args.size() == 1 && call.args[0] == "--format";
  if (!call.args.empty() && !formats) {
    call.console.complain("namenode: unknown argument '" + call.args[0] +
                          "' (see 'cairn namenode --help')");
    return shell::EXIT_USAGE;
  }
  auto config = config::NamenodeConfig::from(call.settings);
  if (!config.has_value()) {
    call.console.complain(config.error().message());
    return shell::EXIT_USAGE;
  }
  if (formats) return format(call, *config);
  return runDaemon(call, "namenode", config->log,
                   [&](kj::AsyncIoContext& io) { return newNamenodeService(io, *config); });
}

}  // namespace

const shell::Command NAMENODE_COMMAND{
    .name = "namenode", .summary = "run the namenode", .help = HELP, .run = run, .daemon = true};

}  // namespace cairn::app
