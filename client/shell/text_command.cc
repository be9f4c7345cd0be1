// `cairn text`: contents of files, unpacked.
#include <string>

#include "client/shell/commands.h"
#include "client/shell/print_file.h"
#include "client/shell/verb.h"

namespace cairn::shell {
namespace {

constexpr char HELP[] =
    R"(Usage: cairn text PATH...

Writes the contents of files to standard output as 'cairn cat' does, unpacked where they are packed:
gzip and zstd by what is in them, bzip2 by the name's end (.bz2).

Exit codes: 0 done, 1 something could not be read, 2 wrong usage.
Example: cairn text '/logs/2024-*.gz' | grep ERROR
)";

int run(const Invocation& call) {
  auto verb = Verb::begin(call, {.flags = {}, .operandsMin = 1});
  if (!verb) return EXIT_USAGE;
  auto* const client = verb->client();
  if (client == nullptr) return verb->exitCode();
  verb->forEachExisting(0, false, [&](const Item& item) {
    auto done = printText(*client, item.path.absolute(), call.console);
    if (!done.has_value()) verb->fail(item.shown, done.error());
  });
  return verb->exitCode();
}

}  // namespace

const Command TEXT_COMMAND{.name = "text",
                           .summary = "write files to standard output, unpacked",
                           .help = HELP,
                           .run = run};

}  // namespace cairn::shell
