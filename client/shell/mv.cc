// `cairn mv`: new names.
#include <array>
#include <string>

#include "client/shell/commands.h"
#include "client/shell/verb.h"

namespace cairn::shell {
namespace {

constexpr char HELP[] =
    R"(Usage: cairn mv [-f] SRC... DST

Gives SRC the name DST, or moves each SRC into DST when that is a directory. Takes the same time for
a tree of any size. Patterns in SRC (quote them) are expanded by cairn: * ? [a-z] {a,b}.

  -f, --force  replace a file that exists

Exit codes: 0 done, 1 something could not be moved, 2 wrong usage.
Example: cairn mv '/incoming/*.csv' /data/2024/
)";

constexpr std::array FLAGS = {Flag{.letter = 'f', .name = "force"}};

int run(const Invocation& call) {
  auto verb = Verb::begin(call, {.flags = FLAGS, .operandsMin = 2});
  if (!verb) return EXIT_USAGE;
  const auto& destination = verb->operands().back();
  auto* const client = verb->client();
  if (client == nullptr) return verb->exitCode();
  const auto items = verb->expandOperands(0, verb->operands().size() - 1);
  if (verb->over()) return verb->exitCode();
  const auto target = verb->lookUpDestination(destination);
  if (!target) return verb->exitCode();
  const bool several = items.size() > 1 || verb->operands().size() > 2;
  if (!target->isDirectory() && several) {
    verb->fail(destination, target->entry ? "not a directory" : "no such directory");
    return verb->exitCode();
  }
  for (const auto& item : items) {
    if (verb->over()) break;
    if (!item.entry) {
      verb->fail(item.shown, Status(Code::NOT_FOUND, ""));
      continue;
    }
    if (!target->isDirectory() && target->path.saysDirectory() && !item.isDirectory()) {
      verb->fail(destination, target->entry ? "not a directory" : "no such directory");
      continue;
    }
    const auto to = target->isDirectory() ? target->path.child(item.path.name()) : target->path;
    auto moved =
        client->rename(item.path.absolute(), to.absolute(), {.overwrite = verb->has("force")});
    if (moved.has_value()) continue;
    switch (moved.error().code()) {
      case Code::ALREADY_EXISTS:
        // The name itself, a non-empty directory, or one kind over the other.
        verb->fail(to.shown(), verb->has("force") ? "exists and cannot be replaced by " + item.shown
                                                  : "file exists (-f replaces a file)");
        break;
      case Code::NOT_FOUND: verb->fail(to.shown(), moved.error()); break;
      default: verb->fail(item.shown, moved.error());
    }
  }
  return verb->exitCode();
}

}  // namespace

const Command MV_COMMAND{
    .name = "mv", .summary = "move and rename files and directories", .help = HELP, .run = run};

}  // namespace cairn::shell
