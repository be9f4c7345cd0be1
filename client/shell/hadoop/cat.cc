// -cat
#include <array>

#include "client/shell/download.h"
#include "client/shell/hadoop/verbs.h"
#include "common/io/clock.h"

namespace cairn::shell::hadoop {
namespace {

Result<void> run(FsCall& call) {
  auto* const client = call.client();
  if (client == nullptr) return {};
  const io::SystemClock clock;
  Meter meter(call.console(), clock, false);
  for (const auto& item : call.expandArguments()) {
    if (call.over()) break;
    if (item.isDirectory()) {
      call.fail(item.shown, Status(Code::IS_A_DIRECTORY, ""));
      continue;
    }
    if (!item.entry) {
      call.fail(item.shown, FsCall::absent());
      continue;
    }
    auto file = client->open(item.path.absolute());
    if (!file.has_value()) {
      call.fail(item.shown, file.error());
      continue;
    }
    Meter::File progress(meter, item.shown);
    auto done = downloadTo(*file, call.console().out(), "standard output", progress);
    if (!done.has_value()) call.fail(item.shown, done.error());
  }
  return {};
}

// Checksums are always verified: reading without would show damage as data.
constexpr std::array<std::string_view, 1> FLAGS = {"ignoreCrc"};

}  // namespace

const FsVerb CAT{.name = "cat",
                 .usage = "[-ignoreCrc] <src> ...",
                 .description = "Writes files to standard output.\n",
                 .grammar = {.flags = FLAGS, .argumentsMin = 1},
                 .run = run};

}  // namespace cairn::shell::hadoop
