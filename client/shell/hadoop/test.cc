// -test
#include <array>

#include "client/shell/access.h"
#include "client/shell/hadoop/verbs.h"

namespace cairn::shell::hadoop {
namespace {

constexpr std::array<std::string_view, 7> FLAGS = {"d", "e", "f", "s", "w", "r", "z"};

Result<bool> holds(FsCall& call, Client& client, char flag, const Entry& entry) {
  const auto& user = call.connection().config().user;
  switch (flag) {
    case 'e': return true;
    case 'd': return entry.isDirectory();
    case 'f': return !entry.isDirectory();
    // A directory's length is 0, as HDFS has it.
    case 's': return entry.length > 0;
    case 'z': return entry.length == 0;
    case 'r': return mayAccess(client, user, entry, Access::READ);
    default: return mayAccess(client, user, entry, Access::WRITE);
  }
}

Result<void> run(FsCall& call) {
  char flag = 0;
  for (const auto candidate : FLAGS) {
    if (!call.has(candidate)) continue;
    if (flag != 0) return fail(Code::INVALID_ARGUMENT, "Only one test flag is allowed");
    flag = candidate[0];
  }
  if (flag == 0) return fail(Code::INVALID_ARGUMENT, "No test flag given");
  auto* const client = call.client();
  if (client == nullptr) return {};
  for (const auto& item : call.expandArguments()) {
    if (!item.entry) {
      call.failQuietly();
      continue;
    }
    auto yes = holds(call, *client, flag, *item.entry);
    if (!yes.has_value()) {
      call.fail(item.shown, yes.error());
    } else if (!*yes) {
      call.failQuietly();
    }
  }
  return {};
}

}  // namespace

const FsVerb TEST{.name = "test",
                  .usage = "-[defswrz] <path>",
                  .description = R"(Exits with 0 when it is so, with 1 when not.
  -d  is a directory
  -e  exists
  -f  is a file
  -s  has bytes
  -w  may be written
  -r  may be read
  -z  has no bytes
)",
                  .grammar = {.flags = FLAGS, .argumentsMin = 1, .argumentsMax = 1},
                  .run = run};

}  // namespace cairn::shell::hadoop
