// -put, -copyFromLocal
#include <array>
#include <span>

#include "client/shell/copy_in.h"
#include "client/shell/copy_out.h"
#include "client/shell/hadoop/destination.h"
#include "client/shell/hadoop/verbs.h"
#include "common/io/clock.h"

namespace cairn::shell::hadoop {
namespace {

Result<void> run(FsCall& call) {
  auto& arguments = call.arguments();
  if (arguments.size() == 1) arguments.emplace_back(".");
  auto* const client = call.client();
  if (client == nullptr) return {};
  const auto destination = call.lookUpArgument(arguments.back());
  if (!destination) return {};
  const std::span sources(arguments.begin(), arguments.end() - 1);
  const bool force = call.has("f");
  const bool fromInput = sources.size() == 1 && sources[0] == "-";
  if (!fromInput && !checkDestination(call, *client, *destination, sources.size(), force)) {
    return {};
  }

  auto create = call.connection().createOptions();
  create.createParents = true;
  if (call.has("l")) create.replication = 1;
  const io::SystemClock clock;
  Meter meter(call.console(), clock);
  const auto failed = [&](std::string_view shown, const Status& why) {
    // Hadoop says of a directory in the way only that it exists.
    const bool inTheWay = why.code() == Code::IS_A_DIRECTORY;
    call.fail(shown, inTheWay ? Status(Code::ALREADY_EXISTS, "") : why);
  };
  CopyIn copier({.connection = call.connection(),
                 .client = *client,
                 .meter = meter,
                 .failed = failed,
                 .over = [&]() { return call.over(); }},
                {.force = force,
                 .recursive = true,
                 .viaTemporary = !call.has("d"),
                 .create = create,
                 .directoryMode = call.connection().directoryMode()});
  for (const auto& source : sources) {
    if (call.over()) break;
    const auto target = targetFor(call, *client, *destination, localNameOf(source));
    if (target) copier.copy(source, *target);
  }
  meter.finish();
  return {};
}

constexpr std::array<std::string_view, 3> FLAGS = {"f", "l", "d"};
// Threads and their queue: taken, and left alone.
constexpr std::array<std::string_view, 2> WITH_VALUES = {"t", "q"};
constexpr OptionGrammar GRAMMAR{.flags = FLAGS, .withValues = WITH_VALUES, .argumentsMin = 1};
constexpr std::string_view USAGE =
    "[-f] [-l] [-d] [-t <thread count>] [-q <thread pool queue size>] <localsrc> ... <dst>";

}  // namespace

const FsVerb PUT{
    .name = "put",
    .usage = USAGE,
    .description =
        R"(Copies local files and directories into the file system; "-" is standard input.
  -f  replace files that exist
  -d  write under the final name at once, not as <dst>._COPYING_
  -l  one replica
  -t, -q  accepted
)",
    .grammar = GRAMMAR,
    .run = run};

const FsVerb COPY_FROM_LOCAL{.name = "copyFromLocal",
                             .usage = USAGE,
                             .description = "The same as -put.\n",
                             .grammar = GRAMMAR,
                             .run = run};

}  // namespace cairn::shell::hadoop
