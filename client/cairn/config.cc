// `cairn config`: the documented default configuration.
#include "client/cairn/commands.h"
#include "client/cairn/no_arguments.h"
#include "common/config/default_file.h"

namespace cairn::app {
namespace {

constexpr char HELP[] =
    R"(Usage: cairn config

Prints a cairn.toml with every setting, its meaning and its default, all commented out. Settings come
from, in rising order: defaults; the file that --config or CAIRN_CONFIG names, or
~/.config/cairn/cairn.toml, or /etc/cairn/cairn.toml; the environment (CAIRN_FS_REPLICATION=2);
flags (--fs.replication=2).

Exit codes: 0 done, 2 wrong usage.
Example: cairn config > cairn.toml
)";

int run(const shell::Invocation& call) {
  if (!takesNoArguments(call)) return shell::EXIT_USAGE;
  call.console.print(config::defaultConfigFile());
  return shell::EXIT_DONE;
}

}  // namespace

const shell::Command CONFIG_COMMAND{
    .name = "config", .summary = "print the default configuration", .help = HELP, .run = run};

}  // namespace cairn::app
