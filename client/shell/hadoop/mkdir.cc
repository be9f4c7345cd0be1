// -mkdir
#include <array>
#include <utility>

#include "client/shell/hadoop/verbs.h"

namespace cairn::shell::hadoop {
namespace {

void make(FsCall& call, Client& client, const Item& item) {
  const bool parents = call.has("p");
  if (item.entry) {
    if (!item.isDirectory()) {
      call.fail(item.shown, Status(Code::NOT_A_DIRECTORY, ""));
    } else if (!parents) {
      call.fail(item.shown, Status(Code::ALREADY_EXISTS, ""));
    }
    return;
  }
  auto made = client.mkdirs(item.path.absolute(), call.connection().directoryMode(), parents);
  if (made.has_value()) return;
  const auto above = item.path.parent();
  auto why = std::move(made).error();
  if (why.code() == Code::SAFE_MODE && !parents) {
    // Hadoop looks for the directory above before it asks for a new one.
    const auto entry = client.statIfExists(above.absolute());
    if (entry.has_value() && !*entry) why = Status(Code::NOT_FOUND, "");
  }
  // The missing one is the directory above.
  const bool noParent = why.code() == Code::NOT_FOUND;
  call.fail(noParent ? call.qualified(above) : item.shown, why);
}

Result<void> run(FsCall& call) {
  auto* const client = call.client();
  if (client == nullptr) return {};
  for (const auto& item : call.expandArguments()) {
    if (call.over()) break;
    make(call, *client, item);
  }
  return {};
}

constexpr std::array<std::string_view, 1> FLAGS = {"p"};

}  // namespace

const FsVerb MKDIR{.name = "mkdir",
                   .usage = "[-p] <path> ...",
                   .description = R"(Makes directories.
  -p  missing directories above too; no error when it exists
)",
                   .grammar = {.flags = FLAGS, .argumentsMin = 1},
                   .run = run};

}  // namespace cairn::shell::hadoop
