// `cairn expunge`: clears the trash.
#include <array>
#include <string>

#include "client/shell/commands.h"
#include "client/shell/trash.h"
#include "client/shell/verb.h"
#include "common/io/clock.h"

namespace cairn::shell {
namespace {

constexpr char HELP[] =
    R"(Usage: cairn expunge [--immediate]

Removes what has been in your trash (/user/<you>/.Trash) for longer than fs.trash_interval_minutes
(the namenode's; yours where that is 0), and makes a checkpoint, named by the time, of what 'rm' put
there since the last one.

  --immediate  remove all that is in it

Exit codes: 0 done, 1 something could not be removed, 2 wrong usage.
Example: cairn expunge --fs.trash_interval_minutes 1440
)";

constexpr std::array FLAGS = {Flag{.letter = 0, .name = "immediate"}};

Result<void> expunge(Client& client, const config::ClientConfig& config, bool immediate) {
  const io::SystemClock clock;
  const auto now = clock.nowMs();
  Trash trash(client, config);
  if (immediate) {
    TRY(trash.makeCheckpoint(now));
    return trash.clearAll();
  }
  TRY(trash.clear(now));
  return trash.makeCheckpoint(now);
}

int run(const Invocation& call) {
  auto verb = Verb::begin(call, {.flags = FLAGS, .operandsMax = 0});
  if (!verb) return EXIT_USAGE;
  auto* const client = verb->client();
  if (client == nullptr) return verb->exitCode();
  const auto& config = verb->connection().config();
  auto done = expunge(*client, config, verb->has("immediate"));
  if (!done.has_value()) verb->fail("/user/" + config.user + "/.Trash", done.error());
  return verb->exitCode();
}

}  // namespace

const Command EXPUNGE_COMMAND{
    .name = "expunge", .summary = "clear the trash", .help = HELP, .run = run};

}  // namespace cairn::shell
