// `cairn getmerge`: files of the cluster as one local file.
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "client/shell/commands.h"
#include "client/shell/copy_out.h"
#include "client/shell/merge.h"
#include "client/shell/verb.h"
#include "common/io/clock.h"

namespace cairn::shell {
namespace {

constexpr char HELP[] =
    R"(Usage: cairn getmerge [-n] [--skip-empty-file] SRC... FILE

Joins files, and the files that lie in directories, in the order of their names, into one local file,
which is replaced when all is there; FILE "-" is standard output. Patterns in SRC (quote them) are
expanded by cairn: * ? [a-z] {a,b}.

  -n, --newline      a newline behind each
  --skip-empty-file  but not behind empty ones

Exit codes: 0 done, 1 something could not be read or written, 2 wrong usage, 130 interrupted.
Example: cairn getmerge -n /jobs/17 results.txt
)";

constexpr std::array FLAGS = {Flag{.letter = 'n', .name = "newline"},
                              Flag{.letter = 0, .name = "nl"},
                              Flag{.letter = 0, .name = "skip-empty-file"}};

int run(const Invocation& call) {
  auto verb = Verb::begin(call, {.flags = FLAGS, .operandsMin = 2});
  if (!verb) return EXIT_USAGE;
  auto* const client = verb->client();
  if (client == nullptr) return verb->exitCode();
  const auto target = verb->operands().back();
  std::vector<Item> sources;
  for (auto& item : verb->expandOperands(0, verb->operands().size() - 1)) {
    if (item.entry) {
      sources.push_back(std::move(item));
    } else {
      verb->fail(item.shown, Status(Code::NOT_FOUND, ""));
    }
  }
  if (verb->exitCode() != EXIT_DONE) return verb->exitCode();
  const auto files = filesToMerge(*client, sources);
  if (!files.has_value()) {
    verb->fail(target, files.error());
    return verb->exitCode();
  }
  const bool toOutput = target == "-";
  if (!toOutput && localKindOf(target) == LocalKind::DIRECTORY) {
    verb->fail(target, Status(Code::IS_A_DIRECTORY, ""));
    return verb->exitCode();
  }
  const Merge merge{.newlines = verb->has("newline") || verb->has("nl"),
                    .skipEmpty = verb->has("skip-empty-file")};
  const io::SystemClock clock;
  Meter meter(call.console, clock, !toOutput || !call.console.outIsTerminal());
  std::uint64_t total = 0;
  for (const auto& file : *files) total += file.known().length;
  meter.expect(total);
  auto atFault = target;
  auto done = toOutput ? mergeTo(*client, *files, merge, call.console.out(), "standard output",
                                 meter, atFault)
                       : mergeInto(*client, *files, merge, target, meter, atFault);
  meter.finish();
  if (!done.has_value()) verb->fail(atFault, done.error());
  return verb->exitCode();
}

}  // namespace

const Command GETMERGE_COMMAND{
    .name = "getmerge", .summary = "join files into one local file", .help = HELP, .run = run};

}  // namespace cairn::shell
