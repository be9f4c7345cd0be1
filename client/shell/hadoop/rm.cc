// -rm
#include <array>

#include "client/shell/hadoop/verbs.h"

namespace cairn::shell::hadoop {
namespace {

void removeItem(FsCall& call, Client& client, const Item& item) {
  const bool recursive = call.has("r") || call.has("R");
  const bool force = call.has("f");
  if (!item.entry) {
    if (!force) call.fail(item.shown, FsCall::absent());
    return;
  }
  if (item.isDirectory() && !recursive) {
    return call.fail(item.shown, Status(Code::IS_A_DIRECTORY, ""));
  }
  if (item.path.isRoot()) return call.fail(item.shown, Status(Code::IO_ERROR, ""));
  auto removed = client.remove(item.path.absolute(), recursive);
  if (!removed.has_value()) return call.fail(item.shown, removed.error());
  if (!*removed) {
    // Somebody else was faster.
    if (!force) call.fail(item.shown, FsCall::absent());
    return;
  }
  call.console().print("Deleted " + item.shown + "\n");
}

Result<void> run(FsCall& call) {
  auto* const client = call.client();
  if (client == nullptr) return {};
  for (const auto& item : call.expandArguments()) {
    if (call.over()) break;
    removeItem(call, *client, item);
  }
  return {};
}

constexpr std::array<std::string_view, 4> FLAGS = {"f", "r", "R", "skipTrash"};

}  // namespace

const FsVerb RM{.name = "rm",
                .usage = "[-f] [-r|-R] [-skipTrash] <src> ...",
                .description = R"(Removes files.
  -f          no complaint about what does not exist
  -r, -R      directories with all that is in them
  -skipTrash  for good; so it is without, there being no trash yet
)",
                .grammar = {.flags = FLAGS, .argumentsMin = 1},
                .run = run};

}  // namespace cairn::shell::hadoop
