// What a command of the binary is, and what it is given. The table of all of them is put together
// in client/cairn; each command is one file.
// Layer: client/shell.  Threads: the main thread.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "client/shell/console.h"
#include "common/config/settings.h"

namespace cairn::shell {

// What the process exits with.
enum ExitCode : int {
  EXIT_DONE = 0,
  EXIT_FAILED = 1,        // something did not work; stderr says what
  EXIT_USAGE = 2,         // the command line is wrong; nothing was done
  EXIT_INTERRUPTED = 130  // Ctrl-C
};

// One call of a command. Settings' own flags (--client.namenode ...) are taken out already.
struct Invocation {
  std::string name;               // the words that led here: "put"
  std::vector<std::string> args;  // behind them
  const config::Settings& settings;
  Console& console;
};

struct Command {
  std::string_view name;     // "put"
  std::string_view summary;  // one line, for the list of commands
  std::string_view help;  // what `cairn put --help` prints: grammar, flags, exit codes, an example
  int (*run)(const Invocation& call);
  bool hidden = false;  // not in the list: called by the program itself
  bool daemon = false;  // sets up its own log
};

// The commands for files and for the cluster: put, get, ls, ..., fs, admin, fsck.
std::span<const Command> fileCommands();

}  // namespace cairn::shell
