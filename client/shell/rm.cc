// `cairn rm`: removes files and trees.
#include <array>
#include <string>

#include "client/shell/commands.h"
#include "client/shell/text.h"
#include "client/shell/trash.h"
#include "client/shell/verb.h"
#include "common/io/clock.h"

namespace cairn::shell {
namespace {

constexpr char HELP[] =
    R"(Usage: cairn rm [-r] [-f] [--skip-trash] PATH...

Removes files. Where there is a trash they go to /user/<you>/.Trash, until the namenode or 'cairn
expunge' clears them away. There is one where fs.trash_interval_minutes is above 0: at the namenode,
or here where the namenode leaves it to its clients. Patterns in a PATH (quote them) are expanded by
cairn: * ? [a-z] {a,b}.

  -r, --recursive  directories with all that is in them
  -f, --force      no complaint about what does not exist
  --skip-trash     for good

Exit codes: 0 done, 1 something could not be removed, 2 wrong usage.
Example: cairn rm -r /tmp/job-17
)";

constexpr std::array FLAGS = {
    Flag{.letter = 'r', .name = "recursive"}, Flag{.letter = 'R', .name = "recursive"},
    Flag{.letter = 'f', .name = "force"}, Flag{.letter = 0, .name = "skip-trash"}};

// Whether that is all: else it lies in the trash, or there is none, and it is to be removed for
// good.
bool moveToTrash(Verb& verb, Trash& trash, const Item& item) {
  const io::SystemClock clock;
  auto moved = trash.take(item.path.absolute(), clock.nowMs());
  if (!moved.has_value()) {
    if (moved.error().code() == Code::INVALID_ARGUMENT && moved.error().message().empty()) {
      verb.fail(item.shown, "holds the trash (--skip-trash removes both)");
    } else {
      verb.fail(item.shown, moved.error());
    }
    return true;
  }
  const auto& target = *moved;
  if (!target) return false;
  const bool terminal = verb.console().errIsTerminal();
  if (terminal) {
    verb.console().printError("'" + nameFor(terminal, item.shown) +
                              "' is now in the trash: " + nameFor(terminal, *target) + "\n");
  }
  return true;
}

int run(const Invocation& call) {
  auto verb = Verb::begin(call, {.flags = FLAGS, .operandsMin = 1});
  if (!verb) return EXIT_USAGE;
  const bool recursive = verb->has("recursive");
  const bool force = verb->has("force");
  auto* const client = verb->client();
  if (client == nullptr) return verb->exitCode();
  const bool toTrash = !verb->has("skip-trash");
  Trash trash(*client, verb->connection().config());
  for (const auto& item : verb->expandOperands()) {
    if (verb->over()) break;
    if (!item.entry) {
      if (!force) verb->fail(item.shown, Status(Code::NOT_FOUND, ""));
      continue;
    }
    if (item.path.isRoot()) {
      verb->fail(item.shown, "the root cannot be removed");
      continue;
    }
    if (item.isDirectory() && !recursive) {
      verb->fail(item.shown, "is a directory (-r removes it and all in it)");
      continue;
    }
    if (toTrash && moveToTrash(*verb, trash, item)) continue;
    auto removed = client->remove(item.path.absolute(), recursive);
    if (!removed.has_value()) {
      verb->fail(item.shown, removed.error());
    } else if (!*removed && !force) {
      verb->fail(item.shown, Status(Code::NOT_FOUND, ""));
    }
  }
  return verb->exitCode();
}

}  // namespace

const Command RM_COMMAND{
    .name = "rm", .summary = "remove files and directories", .help = HELP, .run = run};

}  // namespace cairn::shell
