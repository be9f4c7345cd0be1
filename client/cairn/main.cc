// The binary: finds the command, settles the settings, runs it.
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "client/cairn/commands.h"
#include "client/cairn/own_flags.h"
#include "client/cairn/version.h"
#include "common/base/fault.h"
#include "common/base/suggest.h"
#include "common/config/load.h"
#include "common/log/log.h"
#include "mapreduce/api/task_runtime.h"
#include "mapreduce/builtin/builtin.h"
#include "mapreduce/tasktracker/guard.h"

namespace cairn::app {
namespace {

std::string overview() {
  std::string text =
      "Usage: cairn COMMAND [ARGUMENT]...\n\n"
      "A distributed file system with a MapReduce engine.\n\n";
  for (const auto* command : allCommands()) {
    if (command->hidden) continue;
    std::string name(command->name);
    name.resize(std::max<std::size_t>(name.size() + 1, 15), ' ');
    text += "  " + name + std::string(command->summary) + "\n";
  }
  text +=
      "\nEvery command takes --namenode HOST:PORT (or CAIRN_NAMENODE), --config FILE, --user NAME "
      "and each\nsetting as a flag (--fs.replication 2). 'cairn COMMAND --help' explains one, with "
      "an example.\nStart with: cairn mini\n";
  return text;
}

bool asksForHelp(const std::string& argument) {
  return argument == "--help" || argument == "help" || argument == "-h" || argument == "-help";
}

bool hasHelpFlag(const std::vector<std::string>& args) {
  for (const auto& arg : args) {
    if (arg == "--") return false;
    if (arg == "--help") return true;
  }
  return false;
}

// The first paragraph of a help, which is the grammar.
std::string_view usageIn(std::string_view help) {
  return help.substr(0, std::min(help.size(), help.find("\n\n") + 1));
}

int unknownCommand(const std::string& name, shell::Console& console) {
  if (name.starts_with("-")) {
    console.complain("'" + name + "' stands before the command; options stand behind it, as in " +
                     "'cairn ls / --namenode HOST:PORT'");
    return shell::EXIT_USAGE;
  }
  std::vector<std::string_view> names;
  for (const auto* command : allCommands()) names.push_back(command->name);
  console.complain("unknown command '" + name + "'" + didYouMean(name, names) +
                   " ('cairn help' lists all)");
  return shell::EXIT_USAGE;
}

int runCommand(const shell::Command& command, std::vector<std::string> args,
               shell::Console& console) {
  if (hasHelpFlag(args)) {
    console.print(command.help);
    return shell::EXIT_DONE;
  }
  const auto wrong = [&](const Status& why) {
    console.complain(why.message());
    return shell::EXIT_USAGE;
  };
  auto own = takeOwnFlags(std::move(args));
  if (!own.has_value()) return wrong(own.error());
  auto taken = config::takeSettingFlags(own->rest);
  if (!taken.has_value()) return wrong(taken.error());
  auto inputs = config::LoadInputs::ofProcess();
  inputs.configFile = taken->configFile;
  inputs.flags = std::move(own->flags);
  inputs.flags.insert(inputs.flags.end(), taken->flags.begin(), taken->flags.end());
  auto settings = config::load(inputs);
  if (!settings.has_value()) return wrong(settings.error());
  return command.run({.name = std::string(command.name),
                      .args = std::move(taken->rest),
                      .settings = *settings,
                      .console = console});
}

int dispatch(std::vector<std::string> args, shell::Console& console) {
  if (args.empty()) {
    console.printError(overview());
    return shell::EXIT_USAGE;
  }
  std::string name = args.front();
  args.erase(args.begin());
  if (asksForHelp(name)) {
    if (args.empty()) {
      console.print(overview());
      return shell::EXIT_DONE;
    }
    name = args.front();
    args = {"--help"};
  }
  if (name == "usage") {
    const auto* const known = args.empty() ? nullptr : findCommand(args.front());
    if (!args.empty() && known == nullptr) return unknownCommand(args.front(), console);
    console.print(known == nullptr ? overview() : std::string(usageIn(known->help)));
    return shell::EXIT_DONE;
  }
  if (name == "--version" || name == "version") {
    console.print("cairn " + std::string(version()) + "\n");
    return shell::EXIT_DONE;
  }
  const auto* command = findCommand(name);
  if (command == nullptr) return unknownCommand(name, console);
  if (!command->daemon) log::initClient("cairn");
  return runCommand(*command, std::move(args), console);
}

}  // namespace
}  // namespace cairn::app

int main(int argc, char** argv) {
  using namespace cairn;
  // A closed pipe or socket is an error of the write that hit it, not the end of the process.
  ::signal(SIGPIPE, SIG_IGN);
  if (argc > 1 && std::string_view(argv[1]) == mr::TASK_GUARD_VERB) {
    return mr::taskGuardMain(argc, argv);
  }
  if (argc > 1 && argv[1] == mr::TASK_FLAG) return mr::taskMain(argc, argv, mr::builtInPrograms());
  shell::Console console(STDOUT_FILENO, STDERR_FILENO, "cairn");
  if (const auto armed = armFaultsFromEnvironment(); !armed.has_value()) {
    console.complain(armed.error().message());
    return shell::EXIT_USAGE;
  }
  int code = app::dispatch({argv + 1, argv + argc}, console);
  if (!console.flush() && code == shell::EXIT_DONE) code = shell::EXIT_FAILED;
  log::flush();
  return code;
}
