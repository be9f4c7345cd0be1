// `cairn du`: how much lies where.
#include <array>
#include <string>

#include "client/shell/commands.h"
#include "client/shell/text.h"
#include "client/shell/usage.h"
#include "client/shell/verb.h"
#include "common/base/units.h"

namespace cairn::shell {
namespace {

constexpr char HELP[] =
    R"(Usage: cairn du [-s] [-h] [PATH]...

For each directory, with all below it: bytes as they were written, bytes on disk (compressed, all
replicas), path. Without a PATH: your home directory. Patterns in a PATH (quote them) are expanded
by cairn: * ? [a-z] {a,b}.

  -s, --summarize  one line for each PATH
  -h, --human      sizes like 4.0 KiB

Exit codes: 0 done, 1 something could not be read, 2 wrong usage.
Example: cairn du -sh '/user/*'
)";

constexpr std::array FLAGS = {Flag{.letter = 's', .name = "summarize"},
                              Flag{.letter = 'h', .name = "human"}};

constexpr std::size_t SIZE_COLUMNS = 12;

int run(const Invocation& call) {
  auto verb = Verb::begin(call, {.flags = FLAGS});
  if (!verb) return EXIT_USAGE;
  if (verb->operands().empty()) verb->addHomeOperand();
  auto* const client = verb->client();
  if (client == nullptr) return verb->exitCode();
  const auto size = [&](std::uint64_t bytes) {
    return padLeft(verb->has("human") ? formatByteSize(bytes) : std::to_string(bytes),
                   SIZE_COLUMNS);
  };
  const auto print = [&](const Item& item, const Usage& usage) {
    call.console.print(size(usage.plain) + " " + size(usage.storedReplicated) + "  " +
                       nameFor(call.console.outIsTerminal(), item.shown) + "\n");
  };
  UsageWalk walk{
      .failed = [&](std::string_view shown, const Status& why) { verb->fail(shown, why); },
      .over = [&]() { return verb->over(); }};
  const bool summarize = verb->has("summarize");
  if (!summarize) walk.onDirectory = print;
  for (const auto& item : verb->expandOperands()) {
    if (verb->over()) break;
    if (!item.entry) {
      verb->fail(item.shown, Status(Code::NOT_FOUND, ""));
      continue;
    }
    const auto usage = usageOf(*client, item, walk);
    if (summarize || !item.isDirectory()) print(item, usage);
  }
  return verb->exitCode();
}

}  // namespace

const Command DU_COMMAND{
    .name = "du", .summary = "show how much lies where", .help = HELP, .run = run};

}  // namespace cairn::shell
