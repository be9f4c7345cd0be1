// `cairn chmod`: rights.
#include <array>
#include <string>

#include "client/shell/commands.h"
#include "client/shell/mode_change.h"
#include "client/shell/verb.h"

namespace cairn::shell {
namespace {

constexpr char HELP[] =
    R"(Usage: cairn chmod [-R] MODE PATH...

Changes the rights of files and directories. MODE is octal (644, 1777) or symbolic (u=rwX,go-w, +t):
u g o a, + - =, r w x X t. Without u, g, o or a it is for all, whatever the umask. Patterns in a PATH
(quote them) are expanded by cairn: * ? [a-z] {a,b}. A MODE that begins with "-" comes behind "--".

  -R, --recursive  everything below a directory, too

Exit codes: 0 done, 1 something could not be changed, 2 wrong usage.
Example: cairn chmod -R u=rwX,g=rX,o= /data/private
)";

constexpr std::array FLAGS = {Flag{.letter = 'R', .name = "recursive"}};

int run(const Invocation& call) {
  auto verb =
      Verb::begin(call, {.flags = FLAGS, .operandsMin = 2, .missing = {"the mode", "a path"}});
  if (!verb) return EXIT_USAGE;
  const auto& mode = verb->operands().front();
  const auto change = ModeChange::parse(mode, true);
  if (!change.has_value())
    return verb->misuse("'" + mode + "' is no mode such as 644 or u=rwX,go-w");
  auto* const client = verb->client();
  if (client == nullptr) return verb->exitCode();
  verb->forEachExisting(1, verb->has("recursive"), [&](const Item& item) {
    const auto& entry = item.known();
    const auto wanted = change->apply(entry.mode, entry.isDirectory());
    if (wanted == entry.mode) return;
    auto done = client->setPermission(item.path.absolute(), wanted);
    if (!done.has_value()) verb->fail(item.shown, done.error());
  });
  return verb->exitCode();
}

}  // namespace

const Command CHMOD_COMMAND{.name = "chmod", .summary = "change rights", .help = HELP, .run = run};

}  // namespace cairn::shell
