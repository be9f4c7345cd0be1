// -chown, -chgrp
#include <array>

#include "client/shell/hadoop/verbs.h"
#include "client/shell/owner_spec.h"

namespace cairn::shell::hadoop {
namespace {

void apply(FsCall& call, const OwnerSpec& spec) {
  auto* const client = call.client();
  if (client == nullptr) return;
  call.forEachExisting(1, call.has("R"), [&](const Item& item) {
    const auto& entry = item.known();
    // What is so already is not asked for: others than the superuser may then say it, too.
    const auto owner = spec.owner == entry.owner ? std::string() : spec.owner;
    const auto group = spec.group == entry.group ? std::string() : spec.group;
    if (owner.empty() && group.empty()) return;
    auto done = client->setOwner(item.path.absolute(), owner, group);
    if (done.has_value()) return;
    const auto& why = done.error();
    call.fail(item.shown,
              Status(why.code(), "changing ownership of '" + item.shown + "': " + why.message()));
  });
}

Result<void> changeOwner(FsCall& call) {
  ASSIGN(const auto spec, parseOwnerSpec(call.arguments().front()));
  apply(call, spec);
  return {};
}

Result<void> changeGroup(FsCall& call) {
  ASSIGN(const auto spec, parseGroupSpec(call.arguments().front()));
  apply(call, spec);
  return {};
}

constexpr std::array<std::string_view, 1> FLAGS = {"R"};
constexpr OptionGrammar GRAMMAR{.flags = FLAGS, .argumentsMin = 2};

}  // namespace

const FsVerb CHOWN{.name = "chown",
                   .usage = "[-R] [OWNER][:[GROUP]] PATH...",
                   .description = R"(Changes owner and group. What is not named stays as it is.
  -R  everything below a directory, too
)",
                   .grammar = GRAMMAR,
                   .run = changeOwner};

const FsVerb CHGRP{.name = "chgrp",
                   .usage = "[-R] GROUP PATH...",
                   .description = "The same as -chown :GROUP.\n",
                   .grammar = GRAMMAR,
                   .run = changeGroup};

}  // namespace cairn::shell::hadoop
