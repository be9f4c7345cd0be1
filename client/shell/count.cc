// `cairn count`: how many directories, files and bytes.
#include <array>
#include <string>

#include "client/shell/commands.h"
#include "client/shell/json.h"
#include "client/shell/text.h"
#include "client/shell/verb.h"
#include "common/base/units.h"

namespace cairn::shell {
namespace {

constexpr char HELP[] =
    R"(Usage: cairn count [-h] [--json] [PATH]...

For each PATH, with all below it: directories, files, bytes as they were written, path. Without a
PATH: your home directory. Takes the same time for a tree of any size. Patterns in a PATH (quote
them) are expanded by cairn: * ? [a-z] {a,b}.

  -h, --human  sizes like 4.0 KiB
  --json       an array of objects, with stored bytes too

Exit codes: 0 done, 1 something could not be read, 2 wrong usage.
Example: cairn count '/user/*'
)";

constexpr std::array FLAGS = {Flag{.letter = 'h', .name = "human"},
                              Flag{.letter = 0, .name = "json"}};

constexpr std::size_t COLUMN = 12;

int run(const Invocation& call) {
  auto verb = Verb::begin(call, {.flags = FLAGS});
  if (!verb) return EXIT_USAGE;
  if (verb->operands().empty()) verb->addHomeOperand();
  auto* const client = verb->client();
  if (client == nullptr) return verb->exitCode();
  const bool json = verb->has("json");
  JsonArray all;
  verb->forEachExisting(0, false, [&](const Item& item) {
    const auto summary = client->contentSummary(item.path.absolute());
    if (!summary.has_value()) return verb->fail(item.shown, summary.error());
    if (json) return all.add(jsonOf(item.shown, *summary).str());
    call.console.print(padLeft(std::to_string(summary->directories), COLUMN) + " " +
                       padLeft(std::to_string(summary->files), COLUMN) + " " +
                       padLeft(verb->has("human") ? formatByteSize(summary->length)
                                                  : std::to_string(summary->length),
                               COLUMN) +
                       "  " + nameFor(call.console.outIsTerminal(), item.shown) + "\n");
  });
  if (json) call.console.print(all.str() + "\n");
  return verb->exitCode();
}

}  // namespace

const Command COUNT_COMMAND{
    .name = "count", .summary = "count directories, files and bytes", .help = HELP, .run = run};

}  // namespace cairn::shell
