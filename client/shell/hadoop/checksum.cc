// -checksum
#include <array>

#include "client/shell/checksum_text.h"
#include "client/shell/hadoop/verbs.h"

namespace cairn::shell::hadoop {
namespace {

Result<void> run(FsCall& call) {
  auto* const client = call.client();
  if (client == nullptr) return {};
  call.forEachExisting(0, false, [&](const Item& item) {
    if (item.isDirectory()) return call.fail(item.shown, Status(Code::IS_A_DIRECTORY, ""));
    const auto checksum = client->checksum(item.path.absolute());
    if (!checksum.has_value()) return call.fail(item.shown, checksum.error());
    call.console().print(checksumLine(item.shown, *checksum, item.known(), call.has("v")));
  });
  return {};
}

constexpr std::array<std::string_view, 1> FLAGS = {"v"};

}  // namespace

const FsVerb CHECKSUM{.name = "checksum",
                      .usage = "[-v] <src> ...",
                      .description = R"(Prints the checksums of files, as HDFS has them.
  -v  the chunk size, too
)",
                      .grammar = {.flags = FLAGS, .argumentsMin = 1},
                      .run = run};

}  // namespace cairn::shell::hadoop
