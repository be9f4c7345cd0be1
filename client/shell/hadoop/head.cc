// -head
#include "client/shell/hadoop/verbs.h"
#include "client/shell/print_file.h"

namespace cairn::shell::hadoop {
namespace {

constexpr std::uint64_t BYTES = 1024;

Result<void> run(FsCall& call) {
  const auto item = call.lookUpFile(call.arguments().front());
  if (!item) return {};
  auto done = printHead(*call.client(), item->path.absolute(), BYTES, call.console());
  if (!done.has_value()) call.fail(item->shown, done.error());
  return {};
}

}  // namespace

const FsVerb HEAD{.name = "head",
                  .usage = "<file>",
                  .description = "Prints the first KiB of a file.\n",
                  .grammar = {.flags = {}, .argumentsMin = 1, .argumentsMax = 1},
                  .run = run};

}  // namespace cairn::shell::hadoop
