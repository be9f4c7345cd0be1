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
constexpr char BASH[] = R"SCRIPT(_cairn() {
  local line="${COMP_LINE:0:COMP_POINT}" words=() word='' begun='' quote=- kept=0 outside c i
  # The line in words, as the shell will see them. COMP_WORDS has them broken at COMP_WORDBREAKS, and
  # with their quotes. `kept`: how much of the last word Tab leaves in place, that is what stands in
  # front of its last such break or of a quote that is open.
  for ((i = 0; i < ${#line}; ++i)); do
    c="${line:i:1}"
    case "$quote$c" in
      \'\' | \"\") quote=- kept=$outside ;;
      \"\\) [[ "${line:i + 1:1}" == [\\\"\$\`] ]] && c="${line: ++i:1}"; word+="$c" ;;
      -\\) word+="${line: ++i:1}" ;;
      -[\'\"]) quote="$c" outside=$kept kept=${#word} begun=1 ;;
      -[[:space:]]) [[ $begun$word ]] && words+=("$word"); word='' begun='' kept=0 ;;
      *) word+="$c"; [[ $quote == - && $COMP_WORDBREAKS == *"$c"* ]] && kept=${#word} ;;
    esac
  done
  local special=$'\\ \t"\'$`&|;<>()[]{}*?!~#'
  if [[ $quote == \" ]]; then special='\"$`'; fi
  COMPREPLY=()
  while IFS= read -r line; do
    line="${line:kept}"
    if [[ $quote == \' ]]; then
      line="${line//\'/\'\\\'\'}"
    else
      for ((i = 0; i < ${#special}; ++i)); do
        c="${special:i:1}" line="${line//"$c"/"\\$c"}"
      done
    fi
    COMPREPLY+=("$line")
  done < <("${words[0]}" __complete "${words[@]:1}" "$word" 2>/dev/null)
  if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == */ ]]; then compopt -o nospace; fi
}
complete -o default -F _cairn cairn
)SCRIPT";

constexpr char ZSH[] = R"SCRIPT(#compdef cairn
_cairn() {
  local quote="${compstate[quote]}"
  local -a found directories others
  # Without quotes, also one that is open still.
  found=("${(@f)$("${words[1]}" __complete "${(@Q)words[2,CURRENT-1]}" \
                  "${(Q):-$quote$PREFIX$quote}" 2>/dev/null)}")
  found=(${found:#})
  if (( ${#found} == 0 )); then _files; return; fi
  directories=(${(M)found:#*/})
  others=(${found:#*/})
  (( ${#directories} )) && compadd -S '' -a directories
  (( ${#others} )) && compadd -a others
}
compdef _cairn cairn
)SCRIPT";

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
