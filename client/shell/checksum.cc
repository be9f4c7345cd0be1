// `cairn checksum`: HDFS's checksum of files.
#include <array>
#include <string>

#include "client/shell/checksum_text.h"
#include "client/shell/commands.h"
#include "client/shell/text.h"
#include "client/shell/verb.h"

namespace cairn::shell {
namespace {

constexpr char HELP[] =
    R"(Usage: cairn checksum [-v] FILE...

Prints for each file: path, algorithm, checksum. It is what HDFS says of the same bytes in chunks of
the same size (MD5-of-0MD5-of-512CRC32C). Datanodes keep the sums of their chunks: no data is read.
Patterns in FILE (quote them) are expanded by cairn: * ? [a-z] {a,b}.

  -v, --verbose  the chunk size, too

Exit codes: 0 done, 1 something could not be asked for, 2 wrong usage.
Example: cairn checksum /data/2024.csv
)";

constexpr std::array FLAGS = {Flag{.letter = 'v', .name = "verbose"}};

int run(const Invocation& call) {
  auto verb = Verb::begin(call, {.flags = FLAGS, .operandsMin = 1});
  if (!verb) return EXIT_USAGE;
  auto* const client = verb->client();
  if (client == nullptr) return verb->exitCode();
  verb->forEachExisting(0, false, [&](const Item& item) {
    if (item.isDirectory()) return verb->fail(item.shown, Status(Code::IS_A_DIRECTORY, ""));
    const auto checksum = client->checksum(item.path.absolute());
    if (!checksum.has_value()) return verb->fail(item.shown, checksum.error());
    const auto shown = nameFor(call.console.outIsTerminal(), item.shown);
    call.console.print(checksumLine(shown, *checksum, item.known(), verb->has("verbose")));
  });
  return verb->exitCode();
}

}  // namespace

const Command CHECKSUM_COMMAND{
    .name = "checksum", .summary = "show HDFS's checksum of files", .help = HELP, .run = run};

}  // namespace cairn::shell
