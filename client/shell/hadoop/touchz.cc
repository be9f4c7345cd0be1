// -touchz
#include "client/shell/hadoop/verbs.h"
#include "client/shell/hadoop/wording.h"

namespace cairn::shell::hadoop {
namespace {

void touch(FsCall& call, Client& client, const Item& item) {
  if (item.isDirectory()) return call.fail(item.shown, Status(Code::IS_A_DIRECTORY, ""));
  if (item.entry && item.entry->length > 0) {
    return call.complain("`" + item.shown + "': Not a zero-length file");
  }
  auto create = call.connection().createOptions();
  create.overwrite = true;
  auto written = client.writeFile(item.path.absolute(), "", create);
  if (written.has_value()) return;
  if (written.error().code() == Code::NOT_FOUND) {
    return call.complain(noParent(item.shown, call.qualified(item.path)));
  }
  call.fail(item.shown, written.error());
}

Result<void> run(FsCall& call) {
  auto* const client = call.client();
  if (client == nullptr) return {};
  for (const auto& item : call.expandArguments()) {
    if (call.over()) break;
    touch(call, *client, item);
  }
  return {};
}

}  // namespace

const FsVerb TOUCHZ{
    .name = "touchz",
    .usage = "<path> ...",
    .description = "Makes files without bytes; one that has none gets a new time.\n",
    .grammar = {.flags = {}, .argumentsMin = 1},
    .run = run};

}  // namespace cairn::shell::hadoop
