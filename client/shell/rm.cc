// `cairn rm`: removes files and trees.
#include <array>
#include <string>

#include "client/shell/commands.h"
#include "client/shell/verb.h"

namespace cairn::shell {
namespace {

constexpr char HELP[] =
    R"(Usage: cairn rm [-r] [-f] PATH...

Removes files for good. Patterns in a PATH (quote them) are expanded by cairn: * ? [a-z] {a,b}.

  -r, --recursive  directories with all that is in them
  -f, --force      no complaint about what does not exist

Exit codes: 0 done, 1 something could not be removed, 2 wrong usage.
Example: cairn rm -r /tmp/job-17
)";

constexpr std::array FLAGS = {Flag{.letter = 'r', .name = "recursive"},
                              Flag{.letter = 'R', .name = "recursive"},
                              Flag{.letter = 'f', .name = "force"}};

int run(const Invocation& call) {
  auto verb = Verb::begin(call, {.flags = FLAGS, .operandsMin = 1});
  if (!verb) return EXIT_USAGE;
  const bool recursive = verb->has("recursive");
  const bool force = verb->has("force");
  auto* const client = verb->client();
  if (client == nullptr) return verb->exitCode();
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
