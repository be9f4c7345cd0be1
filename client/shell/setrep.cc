// `cairn setrep`: how many replicas files have.
#include <array>
#include <string>
#include <vector>

#include "client/shell/commands.h"
#include "client/shell/create_flags.h"
#include "client/shell/replication_wait.h"
#include "client/shell/verb.h"
#include "common/base/limits.h"

namespace cairn::shell {
namespace {

constexpr char HELP[] =
    R"(Usage: cairn setrep [-w] N PATH...

Sets how many replicas the chunks of files are to have; of a directory, of all files below it. The
namenode has missing ones copied and surplus ones deleted soon, as far as there are datanodes for
them. Patterns in a PATH (quote them) are expanded by cairn.

  -w, --wait       wait until they have as many; interrupt it where there are too few datanodes
  -R, --recursive  accepted

Exit codes: 0 done, 1 something could not be changed, 2 wrong usage.
Example: cairn setrep -w 2 /data/archive
)";

constexpr std::array FLAGS = {Flag{.letter = 'w', .name = "wait"},
                              Flag{.letter = 'R', .name = "recursive"}};

int run(const Invocation& call) {
  auto verb = Verb::begin(
      call, {.flags = FLAGS, .operandsMin = 2, .missing = {"the number of replicas", "a path"}});
  if (!verb) return EXIT_USAGE;
  const auto number = parseNumber("setrep", verb->operands().front(), 1, limits::REPLICATION_MAX);
  if (!number.has_value()) return verb->misuse(number.error().message());
  const auto wanted = static_cast<std::uint16_t>(*number);
  auto* const client = verb->client();
  if (client == nullptr) return verb->exitCode();
  std::vector<Item> changed;
  verb->forEachExisting(1, true, [&](const Item& item) {
    if (item.isDirectory()) return;
    auto done = client->setReplication(item.path.absolute(), wanted);
    if (!done.has_value()) return verb->fail(item.shown, done.error());
    if (verb->has("wait")) changed.push_back(item);
  });
  for (const auto& item : changed) {
    if (verb->over()) break;
    auto reached = awaitReplication(
        *client, item.path.absolute(), wanted,
        {.slow = []() {}, .pending = []() {}, .over = [&]() { return verb->over(); }});
    if (!reached.has_value()) verb->fail(item.shown, reached.error());
  }
  return verb->exitCode();
}

}  // namespace

const Command SETREP_COMMAND{
    .name = "setrep", .summary = "change how many replicas files have", .help = HELP, .run = run};

}  // namespace cairn::shell
