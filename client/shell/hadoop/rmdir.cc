// -rmdir
#include <array>

#include "client/shell/hadoop/verbs.h"

namespace cairn::shell::hadoop {
namespace {

constexpr std::string_view IGNORE = "-ignore-fail-on-non-empty";

void removeDirectory(FsCall& call, Client& client, const Item& item) {
  if (!item.entry) return call.fail(item.shown, FsCall::absent());
  if (!item.isDirectory()) return call.fail(item.shown, Status(Code::NOT_A_DIRECTORY, ""));
  const auto page = client.listPage(item.path.absolute(), "", 1);
  if (!page.has_value()) return call.fail(item.shown, page.error());
  if (!page->entries.empty()) {
    if (!call.has(IGNORE)) call.fail(item.shown, Status(Code::NOT_EMPTY, ""));
    return;
  }
  if (item.path.isRoot()) return call.fail(item.shown, Status(Code::IO_ERROR, ""));
  auto removed = client.remove(item.path.absolute(), false);
  if (!removed.has_value()) {
    call.fail(item.shown, removed.error());
  } else if (!*removed) {
    call.fail(item.shown, FsCall::absent());
  }
}

Result<void> run(FsCall& call) {
  auto* const client = call.client();
  if (client == nullptr) return {};
  for (const auto& item : call.expandArguments()) {
    if (call.over()) break;
    removeDirectory(call, *client, item);
  }
  return {};
}

constexpr std::array<std::string_view, 1> FLAGS = {IGNORE};

}  // namespace

const FsVerb RMDIR{.name = "rmdir",
                   .usage = "[--ignore-fail-on-non-empty] <dir> ...",
                   .description = R"(Removes directories that are empty.
  --ignore-fail-on-non-empty  no complaint about others
)",
                   .grammar = {.flags = FLAGS, .argumentsMin = 1},
                   .run = run};

}  // namespace cairn::shell::hadoop
