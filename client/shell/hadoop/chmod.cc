// -chmod
#include <array>

#include "client/shell/hadoop/verbs.h"
#include "client/shell/mode_change.h"
#include "client/shell/tree.h"

namespace cairn::shell::hadoop {
namespace {

Result<void> run(FsCall& call) {
  const auto mode = call.arguments().front();
  const auto change = ModeChange::parse(mode);
  if (!change.has_value()) {
    return fail(Code::INVALID_ARGUMENT,
                "chmod : mode '" + mode + "' does not match the expected pattern.");
  }
  auto* const client = call.client();
  if (client == nullptr) return {};
  const auto apply = [&](const Item& item) {
    const auto& entry = item.known();
    const auto wanted = change->apply(entry.mode, entry.isDirectory());
    if (wanted == entry.mode) return;
    auto done = client->setPermission(item.path.absolute(), wanted);
    if (done.has_value()) return;
    const auto& why = done.error();
    call.fail(item.shown,
              Status(why.code(), "changing permissions of '" + item.shown + "': " + why.message()));
  };
  call.forEachExisting(1, call.has("R"), apply);
  return {};
}

constexpr std::array<std::string_view, 1> FLAGS = {"R"};

}  // namespace

const FsVerb CHMOD{
    .name = "chmod",
    .usage = "[-R] <MODE[,MODE]... | OCTALMODE> PATH...",
    .description = R"(Changes rights. An octal mode has three digits, or four with a sticky bit of 0
or 1 in front; letters are u g o a, + - =, r w x X t. Without u, g, o or a the
change is for all, whatever the umask.
  -R  everything below a directory, too
)",
    .grammar = {.flags = FLAGS, .argumentsMin = 2, .passUnknown = true},
    .run = run};

}  // namespace cairn::shell::hadoop
