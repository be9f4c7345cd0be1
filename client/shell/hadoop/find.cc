// -find
#include <algorithm>
#include <array>
#include <span>

#include "client/shell/find_expression.h"
#include "client/shell/hadoop/verbs.h"
#include "client/shell/tree.h"

namespace cairn::shell::hadoop {
namespace {

Result<void> run(FsCall& call) {
  auto& words = call.arguments();
  const auto firstOfExpression =
      std::ranges::find_if(words, [](const std::string& word) { return word.starts_with('-'); });
  const std::vector<std::string> expressionWords(firstOfExpression, words.end());
  words.erase(firstOfExpression, words.end());
  if (words.empty()) words.emplace_back(".");
  const auto expression = FindExpression::parse(expressionWords, false);
  if (!expression.has_value()) {
    const auto& mistake = expression.error();
    if (!mistake.unexpected) return cairn::fail(Code::INVALID_ARGUMENT, mistake.text);
    call.complain("Unexpected argument: " + mistake.text);
    return {};
  }
  call.forEachExisting(0, true, [&](const Item& item) {
    expression->apply(item.path.name(), item.known(), [&](char end) {
      call.console().print(item.shown);
      call.console().print({&end, 1});
    });
  });
  return {};
}

// Links do not exist here.
constexpr std::array<std::string_view, 2> FLAGS = {"L", "H"};

}  // namespace

const FsVerb FIND{
    .name = "find",
    .usage = "<path> ... <expression> ...",
    .description = R"(Finds what matches all of the expression below the paths, and prints it.
  -name pattern   the last component matches; -iname: in any case
  -print          its path and a newline; so it is without an action
  -print0         its path and a NUL
  -a, -and        may stand between two
)",
    .grammar = {.flags = FLAGS, .argumentsMin = 1, .passUnknown = true},
    .run = run};

}  // namespace cairn::shell::hadoop
