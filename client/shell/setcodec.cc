// `cairn setcodec`: how new data is compressed.
#include <array>
#include <string>

#include "client/shell/commands.h"
#include "client/shell/compression.h"
#include "client/shell/verb.h"

namespace cairn::shell {
namespace {

constexpr char HELP[] =
    R"(Usage: cairn setcodec [--zstd-level N] zstd|none|inherit PATH...

Sets how data is compressed from now on. Of a directory: for all files that are made in it or
anywhere below it, unless a directory nearer to them, or their writer (put --codec), says otherwise;
so there is no need to set it of directories within. Of a file: for what is appended in new chunks.
What is stored already keeps its bytes: 'cairn cp' a file to have it compressed anew.
"inherit" takes a directory's setting away: the directory above, or the cluster's default, counts.
'cairn stat' shows what is set. Patterns in a PATH (quote them) are expanded by cairn.

  --zstd-level N  -5 (fastest) to 19 (smallest); default: 1

Exit codes: 0 done, 1 something could not be changed, 2 wrong usage.
Example: cairn setcodec --zstd-level 9 zstd /data/archive
)";

constexpr std::array FLAGS = {Flag{.letter = 0, .name = "zstd-level", .takesValue = true}};

int run(const Invocation& call) {
  auto verb = Verb::begin(call, {.flags = FLAGS});
  if (!verb) return EXIT_USAGE;
  const auto& operands = verb->operands();
  if (operands.empty()) return verb->misuse("zstd, none or inherit?");
  const auto wanted = parseCompression(operands[0], verb->value("zstd-level"));
  if (!wanted.has_value()) return verb->misuse(wanted.error().message());
  if (operands.size() == 1) return verb->misuse("a path is missing");
  auto* const client = verb->client();
  if (client == nullptr) return verb->exitCode();
  verb->forEachExisting(1, false, [&](const Item& item) {
    if (!*wanted && !item.isDirectory()) {
      return verb->fail(item.shown, "is a file, which inherits nothing: zstd or none?");
    }
    auto done = client->setCompression(item.path.absolute(), *wanted);
    if (!done.has_value()) verb->fail(item.shown, done.error());
  });
  return verb->exitCode();
}

}  // namespace

const Command SETCODEC_COMMAND{
    .name = "setcodec", .summary = "change how new data is compressed", .help = HELP, .run = run};

}  // namespace cairn::shell
