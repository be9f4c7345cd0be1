// `cairn rmdir`: removes empty directories.
#include <array>
#include <string>

#include "client/shell/commands.h"
#include "client/shell/verb.h"

namespace cairn::shell {
namespace {

constexpr char HELP[] =
    R"(Usage: cairn rmdir [--ignore-fail-on-non-empty] DIRECTORY...

Removes directories that are empty. Patterns (quote them) are expanded by cairn: * ? [a-z] {a,b}.

  --ignore-fail-on-non-empty  no complaint about others

Exit codes: 0 done, 1 something could not be removed, 2 wrong usage.
Example: cairn rmdir '/tmp/job-*'
)";

constexpr std::array FLAGS = {Flag{.letter = 0, .name = "ignore-fail-on-non-empty"}};

int run(const Invocation& call) {
  auto verb = Verb::begin(call, {.flags = FLAGS, .operandsMin = 1});
  if (!verb) return EXIT_USAGE;
  auto* const client = verb->client();
  if (client == nullptr) return verb->exitCode();
  verb->forEachExisting(0, false, [&](const Item& item) {
    if (!item.isDirectory()) return verb->fail(item.shown, Status(Code::NOT_A_DIRECTORY, ""));
    if (item.path.isRoot()) return verb->fail(item.shown, "the root cannot be removed");
    auto removed = client->remove(item.path.absolute(), false);
    if (removed.has_value()) {
      if (!*removed) verb->fail(item.shown, Status(Code::NOT_FOUND, ""));
      return;
    }
    const bool tolerated =
        removed.error().code() == Code::NOT_EMPTY && verb->has("ignore-fail-on-non-empty");
    if (!tolerated) verb->fail(item.shown, removed.error());
  });
  return verb->exitCode();
}

}  // namespace

const Command RMDIR_COMMAND{
    .name = "rmdir", .summary = "remove empty directories", .help = HELP, .run = run};

}  // namespace cairn::shell
