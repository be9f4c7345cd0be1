// `cairn cat`: contents of files.
#include <string>

#include "client/shell/commands.h"
#include "client/shell/download.h"
#include "client/shell/verb.h"
#include "common/io/clock.h"

namespace cairn::shell {
namespace {

constexpr char HELP[] =
    R"(Usage: cairn cat PATH...

Writes the contents of files to standard output, one after the other. Patterns in a PATH (quote
them) are expanded by cairn, sorted by name: * ? [a-z] {a,b}.

Exit codes: 0 done, 1 something could not be read, 2 wrong usage.
Example: cairn cat '/counts/part-r-*' | sort -k2,2nr | head
)";

int run(const Invocation& call) {
  auto verb = Verb::begin(call, {.flags = {}, .operandsMin = 1});
  if (!verb) return EXIT_USAGE;
  auto* const client = verb->client();
  if (client == nullptr) return verb->exitCode();
  const io::SystemClock clock;
  Meter meter(call.console, clock, false);
  for (const auto& item : verb->expandOperands()) {
    if (verb->over()) break;
    if (item.isDirectory()) {
      verb->fail(item.shown, Status(Code::IS_A_DIRECTORY, ""));
      continue;
    }
    auto file = client->open(item.path.absolute());
    if (!file.has_value()) {
      verb->fail(item.shown, file.error());
      continue;
    }
    Meter::File progress(meter, item.shown);
    auto done = downloadTo(*file, call.console.out(), "standard output", progress);
    if (!done.has_value()) verb->fail(item.shown, done.error());
  }
  return verb->exitCode();
}

}  // namespace

const Command CAT_COMMAND{
    .name = "cat", .summary = "write files to standard output", .help = HELP, .run = run};

}  // namespace cairn::shell
