// `cairn find`: files by name and kind.
#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "client/shell/commands.h"
#include "client/shell/find_expression.h"
#include "client/shell/json.h"
#include "client/shell/text.h"
#include "client/shell/verb.h"

namespace cairn::shell {
namespace {

constexpr char HELP[] =
    R"(Usage: cairn find [--json] [PATH]... [EXPRESSION]

Prints the paths below each PATH for which all of EXPRESSION holds. Without a PATH: your home
directory.

  -name PATTERN   the last component matches (* ? [a-z] {a,b}); -iname: in any case
  -type f|d       is a file, a directory
  -print          print the path and a newline; so it is without an action
  -print0         print the path and a NUL
  -a, -and        may stand between two of these
  --json          in front: an array of objects with all attributes, for what is printed

Exit codes: 0 done, 1 something could not be read, 2 wrong usage.
Example: cairn find /logs -name '*.gz' -type f -print0 | xargs -0 -n1 cairn cat
)";

int run(const Invocation& call) {
  // The expression looks like flags, and is none.
  Invocation own{.name = call.name, .args = {}, .settings = call.settings, .console = call.console};
  std::vector<std::string> expressionWords;
  const auto isFlag = [](const std::string& word) { return word.starts_with("--"); };
  for (const auto& word : call.args) {
    const bool begins = word.size() > 1 && word.starts_with('-') && !isFlag(word);
    if (begins || !expressionWords.empty()) {
      expressionWords.push_back(word);
    } else {
      own.args.push_back(word);
    }
  }
  constexpr std::array FLAGS = {Flag{.letter = 0, .name = "json"}};
  auto verb = Verb::begin(own, {.flags = FLAGS});
  if (!verb) return EXIT_USAGE;
  const auto expression = FindExpression::parse(expressionWords, true);
  if (!expression.has_value()) {
    const auto& mistake = expression.error();
    return verb->misuse(mistake.unexpected ? "'" + mistake.text + "' means nothing here"
                                           : mistake.text);
  }
  if (verb->operands().empty()) verb->addHomeOperand();
  if (verb->client() == nullptr) return verb->exitCode();
  const bool json = verb->has("json");
  JsonArray all;
  verb->forEachExisting(0, true, [&](const Item& item) {
    expression->apply(item.path.name(), item.known(), [&](char end) {
      if (json) return all.add(jsonOf(item.shown, item.known()).str());
      // A NUL means a program that wants names as they are.
      const bool escape = end == '\n' && call.console.outIsTerminal();
      call.console.print(nameFor(escape, item.shown));
      call.console.print({&end, 1});
    });
  });
  if (json) call.console.print(all.str() + "\n");
  return verb->exitCode();
}

}  // namespace

const Command FIND_COMMAND{
    .name = "find", .summary = "find files by name and kind", .help = HELP, .run = run};

}  // namespace cairn::shell
