// `cairn truncate`: files cut shorter.
#include <array>
#include <string>

#include "client/shell/commands.h"
#include "client/shell/truncate_wait.h"
#include "client/shell/verb.h"
#include "common/base/units.h"

namespace cairn::shell {
namespace {

constexpr char HELP[] =
    R"(Usage: cairn truncate -s BYTES [-w] FILE...

Cuts files to a length; they cannot become longer. Where the last chunk has to be cut, the datanodes
do it after the command is through, and the file cannot be written until they have.

  -s, --size BYTES  the length: 0, 1MiB
  -w, --wait        wait until it is done

Exit codes: 0 done, 1 something could not be cut, 2 wrong usage.
Example: cairn truncate -w -s 0 /logs/today
)";

constexpr std::array FLAGS = {Flag{.letter = 's', .name = "size", .takesValue = true},
                              Flag{.letter = 'w', .name = "wait"}};

int run(const Invocation& call) {
  auto verb = Verb::begin(call, {.flags = FLAGS, .operandsMin = 1});
  if (!verb) return EXIT_USAGE;
  const auto text = verb->value("size");
  if (!text) return verb->misuse("-s BYTES is missing");
  const auto length = parseByteSize(*text);
  if (!length.has_value()) return verb->misuse(length.error().message());
  auto* const client = verb->client();
  if (client == nullptr) return verb->exitCode();
  std::vector<Item> waiting;
  verb->forEachExisting(0, false, [&](const Item& item) {
    if (item.isDirectory()) return verb->fail(item.shown, Status(Code::IS_A_DIRECTORY, ""));
    auto done = client->truncate(item.path.absolute(), *length);
    if (!done.has_value()) return verb->fail(item.shown, done.error());
    if (!*done) waiting.push_back(item);
  });
  if (!verb->has("wait")) return verb->exitCode();
  for (const auto& item : waiting) {
    auto done = awaitTruncation(*client, item.path.absolute(), [&]() { return verb->over(); });
    if (!done.has_value()) verb->fail(item.shown, done.error());
  }
  return verb->exitCode();
}

}  // namespace

const Command TRUNCATE_COMMAND{
    .name = "truncate", .summary = "cut files to a length", .help = HELP, .run = run};

}  // namespace cairn::shell
