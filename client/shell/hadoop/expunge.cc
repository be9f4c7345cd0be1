// -expunge
#include <array>

#include "client/shell/hadoop/verbs.h"
#include "client/shell/trash.h"
#include "common/io/clock.h"

namespace cairn::shell::hadoop {
namespace {

Result<void> expunge(FsCall& call, Client& client) {
  const auto& config = call.connection().config();
  const io::SystemClock clock;
  const auto now = clock.nowMs();
  Trash trash(client, config);
  if (call.has("immediate")) {
    TRY(trash.makeCheckpoint(now));
    return trash.clearAll();
  }
  TRY(trash.clear(now));
  return trash.makeCheckpoint(now);
}

Result<void> run(FsCall& call) {
  auto* const client = call.client();
  if (client == nullptr) return {};
  auto done = expunge(call, *client);
  if (!done.has_value()) call.fail("/user/" + call.connection().config().user, done.error());
  return {};
}

constexpr std::array<std::string_view, 1> FLAGS = {"immediate"};
constexpr std::array<std::string_view, 1> WITH_VALUES = {"fs"};

}  // namespace

const FsVerb EXPUNGE{
    .name = "expunge",
    .usage = "[-immediate] [-fs <path>]",
    .description =
        R"(Removes what has been in the trash for longer than fs.trash.interval, and makes a
checkpoint of what was removed since the last one.
  -immediate  removes all that is in the trash
  -fs         accepted
)",
    .grammar = {.flags = FLAGS, .withValues = WITH_VALUES},
    .run = run};

}  // namespace cairn::shell::hadoop
