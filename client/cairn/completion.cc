// `cairn completion`: scripts for bash and zsh; and the hidden command that they ask.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "client/cairn/commands.h"
#include "client/cairn/completion_rules.h"
#include "client/shell/complete_path.h"
#include "client/shell/connect.h"

namespace cairn::app {
namespace {

constexpr char HELP[] =
    R"(Usage: cairn completion bash|zsh

Prints a script that lets the shell complete commands, flags, verbs of 'cairn fs' and paths of the
cluster with the Tab key.

Exit codes: 0 done, 2 wrong usage.
Example: source <(cairn completion bash)        (in ~/.bashrc; for zsh in ~/.zshrc)
)";

// Candidates that end with a slash get no space behind them, so that one can go on. Where there are
// none the shell's own completion of local files is used.
constexpr char BASH[] = R"(_cairn() {
  local cur="${COMP_WORDS[COMP_CWORD]}" line
  local words=("${COMP_WORDS[@]:1:COMP_CWORD}")
  # What is typed is quoted for the shell; candidates are compared without.
  words[COMP_CWORD-1]="${cur//\\/}"
  COMPREPLY=()
  while IFS= read -r line; do
    printf -v line '%q' "$line"
    COMPREPLY+=("$line")
  done < <("${COMP_WORDS[0]}" __complete "${words[@]}" 2>/dev/null)
  if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == */ ]]; then compopt -o nospace; fi
}
complete -o default -F _cairn cairn
)";

constexpr char ZSH[] = R"(#compdef cairn
_cairn() {
  local -a found directories others
  found=("${(@f)$("${words[1]}" __complete "${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
  found=(${found:#})
  if (( ${#found} == 0 )); then _files; return; fi
  directories=(${(M)found:#*/})
  others=(${found:#*/})
  (( ${#directories} )) && compadd -S '' -a directories
  (( ${#others} )) && compadd -a others
}
compdef _cairn cairn
)";

constexpr char HIDDEN_HELP[] =
    R"(Usage: cairn __complete WORD...

Prints what the last word may go on as, a candidate a line. For the scripts of 'cairn completion'.

Exit codes: 0 in any case.
Example: cairn __complete ls /da
)";

// A namenode that does not answer by then costs no more than a Tab without effect.
constexpr unsigned PATIENCE_S = 2;

int printScript(const shell::Invocation& call) {
  if (call.args.size() == 1 && call.args[0] == "bash") {
    call.console.print(BASH);
    return shell::EXIT_DONE;
  }
  if (call.args.size() == 1 && call.args[0] == "zsh") {
    call.console.print(ZSH);
    return shell::EXIT_DONE;
  }
  call.console.complain("completion: for bash or for zsh? (see 'cairn completion --help')");
  return shell::EXIT_USAGE;
}

std::vector<std::string> remotePaths(const shell::Invocation& call, const std::string& typed) {
  auto settings = call.settings;
  if (!settings.set("client.retry_budget_ms", "0", "completion").has_value()) return {};
  auto connection = shell::Connection::prepare(settings, call.console);
  if (!connection.has_value()) return {};
  auto client = connection->client();
  if (!client.has_value()) return {};
  return shell::completePath(**client, connection->paths(), typed);
}

int complete(const shell::Invocation& call) {
  ::alarm(PATIENCE_S);
  if (call.args.empty()) return shell::EXIT_DONE;
  auto completion = completionOf(call.args, allCommands());
  if (completion.remotePath) {
    for (auto& path : remotePaths(call, call.args.back())) {
      completion.candidates.push_back(std::move(path));
    }
  }
  for (const auto& candidate : completion.candidates) call.console.print(candidate + "\n");
  return shell::EXIT_DONE;
}

}  // namespace

const shell::Command COMPLETION_COMMAND{.name = "completion",
                                        .summary = "completion for bash and zsh",
                                        .help = HELP,
                                        .run = printScript};

const shell::Command COMPLETE_COMMAND{.name = "__complete",
                                      .summary = "candidates for completion",
                                      .help = HIDDEN_HELP,
                                      .run = complete,
                                      .hidden = true};

}  // namespace cairn::app
