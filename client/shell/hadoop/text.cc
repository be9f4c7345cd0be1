// -text
#include <array>

#include "client/shell/hadoop/verbs.h"
#include "client/shell/print_file.h"

namespace cairn::shell::hadoop {
namespace {

Result<void> run(FsCall& call) {
  auto* const client = call.client();
  if (client == nullptr) return {};
  call.forEachExisting(0, false, [&](const Item& item) {
    if (item.isDirectory()) return call.fail(item.shown, Status(Code::IS_A_DIRECTORY, ""));
    auto done = printText(*client, item.path.absolute(), call.console());
    if (!done.has_value()) call.fail(item.shown, done.error());
  });
  return {};
}

constexpr std::array<std::string_view, 1> FLAGS = {"ignoreCrc"};

}  // namespace

const FsVerb TEXT{.name = "text",
                  .usage = "[-ignoreCrc] <src> ...",
                  .description = R"(Writes files to standard output, unpacked: gzip, zstd, bzip2.
  -ignoreCrc  accepted
)",
                  .grammar = {.flags = FLAGS, .argumentsMin = 1},
                  .run = run};

}  // namespace cairn::shell::hadoop
