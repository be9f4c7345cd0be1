// -mv
#include "client/shell/hadoop/destination.h"
#include "client/shell/hadoop/verbs.h"

namespace cairn::shell::hadoop {
namespace {

void moveItem(FsCall& call, Client& client, const Item& item, const Item& destination) {
  if (!item.entry) return call.fail(item.shown, FsCall::absent());
  const auto target = targetFor(call, client, destination, item.path.name());
  if (!target) return;
  const auto& from = item.path.absolute();
  const auto& to = target->path.absolute();
  if (item.isDirectory()) {
    if (from == to) {
      return call.complain("`" + item.shown + "' to `" + call.qualified(target->path) +
                           "': are identical");
    }
    if (to.starts_with(item.path.isRoot() ? "/" : from + "/")) {
      return call.complain("`" + item.shown + "' to `" + target->shown +
                           "': is a subdirectory of itself");
    }
  }
  if (target->entry) return call.fail(target->shown, Status(Code::ALREADY_EXISTS, ""));
  auto moved = client.rename(from, to, {.moveInto = true});
  if (moved.has_value()) return;
  switch (moved.error().code()) {
    case Code::ALREADY_EXISTS: return call.fail(target->shown, moved.error());
    // HDFS answers false, and Hadoop's shell has no other word for that.
    case Code::NOT_FOUND:
    case Code::INVALID_ARGUMENT: return call.fail(item.shown, Status(Code::IO_ERROR, ""));
    default: return call.fail(item.shown, moved.error());
  }
}

Result<void> run(FsCall& call) {
  auto* const client = call.client();
  if (client == nullptr) return {};
  const auto destination = call.lookUpDestination(call.arguments().back());
  if (!destination) return {};
  const auto items = call.expandArguments(0, call.arguments().size() - 1);
  if (call.over() || items.empty()) return {};
  if (!checkDestination(call, *client, *destination, items.size(), false)) return {};
  for (const auto& item : items) {
    if (call.over()) break;
    moveItem(call, *client, item, *destination);
  }
  return {};
}

}  // namespace

const FsVerb MV{.name = "mv",
                .usage = "<src> ... <dst>",
                .description =
                    "Gives a file or directory another name, or moves several into a "
                    "directory.\n",
                .grammar = {.flags = {}, .argumentsMin = 2},
                .run = run};

}  // namespace cairn::shell::hadoop
