// `cairn chown`, `cairn chgrp`: owners and groups.
#include <array>
#include <string>

#include "client/shell/commands.h"
#include "client/shell/owner_spec.h"
#include "client/shell/verb.h"

namespace cairn::shell {
namespace {

constexpr char OWNER_HELP[] =
    R"(Usage: cairn chown [-R] [OWNER][:[GROUP]] PATH...

Changes the owner (the superuser may) and the group of files and directories. What is not named stays
as it is. Nobody looks the names up. Patterns in a PATH (quote them) are expanded by cairn.

  -R, --recursive  everything below a directory, too

Exit codes: 0 done, 1 something could not be changed, 2 wrong usage.
Example: cairn chown -R ann:analysts /data/2024
)";

constexpr char GROUP_HELP[] =
    R"(Usage: cairn chgrp [-R] GROUP PATH...

Changes the group of files and directories. Patterns in a PATH (quote them) are expanded by cairn.

  -R, --recursive  everything below a directory, too

Exit codes: 0 done, 1 something could not be changed, 2 wrong usage.
Example: cairn chgrp -R analysts /data/2024
)";

constexpr std::array FLAGS = {Flag{.letter = 'R', .name = "recursive"}};

int change(const Invocation& call, Result<OwnerSpec> (*parse)(std::string_view text)) {
  auto verb =
      Verb::begin(call, {.flags = FLAGS, .operandsMin = 2, .missing = {"the owner", "a path"}});
  if (!verb) return EXIT_USAGE;
  const auto spec = parse(verb->operands().front());
  if (!spec.has_value()) return verb->misuse(spec.error().message());
  auto* const client = verb->client();
  if (client == nullptr) return verb->exitCode();
  verb->forEachExisting(1, verb->has("recursive"), [&](const Item& item) {
    const auto& entry = item.known();
    const auto owner = spec->owner == entry.owner ? std::string() : spec->owner;
    const auto group = spec->group == entry.group ? std::string() : spec->group;
    if (owner.empty() && group.empty()) return;
    auto done = client->setOwner(item.path.absolute(), owner, group);
    if (!done.has_value()) verb->fail(item.shown, done.error());
  });
  return verb->exitCode();
}

int changeOwner(const Invocation& call) { return change(call, parseOwnerSpec); }
int changeGroup(const Invocation& call) { return change(call, parseGroupSpec); }

}  // namespace

const Command CHOWN_COMMAND{
    .name = "chown", .summary = "change owners and groups", .help = OWNER_HELP, .run = changeOwner};

const Command CHGRP_COMMAND{
    .name = "chgrp", .summary = "change groups", .help = GROUP_HELP, .run = changeGroup};

}  // namespace cairn::shell
