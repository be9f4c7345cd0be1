// `cairn concat`: several files become one, without copying.
#include <string>
#include <vector>

#include "client/shell/commands.h"
#include "client/shell/verb.h"

namespace cairn::shell {
namespace {

constexpr char HELP[] =
    R"(Usage: cairn concat TARGET SRC...

Moves the chunks of the sources, in their order, to the end of the file TARGET; the sources are gone
then. No data is copied. All must lie in one directory and have the chunk size of TARGET.

Exit codes: 0 done, 1 it could not be done, 2 wrong usage.
Example: cairn concat /out/all /out/part-1 /out/part-2
)";

int run(const Invocation& call) {
  auto verb =
      Verb::begin(call, {.flags = {}, .operandsMin = 2, .missing = {"the target", "a source"}});
  if (!verb) return EXIT_USAGE;
  auto* const client = verb->client();
  if (client == nullptr) return verb->exitCode();
  std::vector<std::string> paths;
  for (const auto& operand : verb->operands()) {
    const auto item = verb->lookUpOperand(operand);
    if (!item) return verb->exitCode();
    if (!item->entry || item->isDirectory()) {
      verb->fail(operand, Status(item->entry ? Code::IS_A_DIRECTORY : Code::NOT_FOUND, ""));
      return verb->exitCode();
    }
    paths.push_back(item->path.absolute());
  }
  const auto target = paths.front();
  paths.erase(paths.begin());
  auto done = client->concat(target, std::move(paths));
  if (!done.has_value()) verb->fail(verb->operands().front(), done.error());
  return verb->exitCode();
}

}  // namespace

const Command CONCAT_COMMAND{
    .name = "concat", .summary = "join files without copying", .help = HELP, .run = run};

}  // namespace cairn::shell
