// -stat
#include "client/shell/hadoop/format.h"
#include "client/shell/hadoop/verbs.h"

namespace cairn::shell::hadoop {
namespace {

Result<void> run(FsCall& call) {
  std::string format = "%y";
  auto& arguments = call.arguments();
  if (arguments.front().find('%') != std::string::npos) {
    format = arguments.front();
    arguments.erase(arguments.begin());
    if (arguments.empty()) {
      return fail(Code::INVALID_ARGUMENT, "Not enough arguments: expected 1 but got 0");
    }
  }
  for (const auto& item : call.expandArguments()) {
    if (call.over()) break;
    if (item.entry) {
      call.console().print(formatStat(format, item.path.name(), *item.entry) + "\n");
    } else {
      call.fail(item.shown, FsCall::absent());
    }
  }
  return {};
}

}  // namespace

const FsVerb STAT{
    .name = "stat",
    .usage = "[format] <path> ...",
    .description = R"(Prints attributes by a format: %a rights in octal, %A as rwxr-xr-x, %b bytes,
%F type, %g group, %n name, %o chunk size, %r replicas, %u owner, %x %X time of
access, %y %Y of change (in UTC, and in ms since 1970). Without one: %y.
)",
    .grammar = {.flags = {}, .argumentsMin = 1},
    .run = run};

}  // namespace cairn::shell::hadoop
