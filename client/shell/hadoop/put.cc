// -put, -copyFromLocal
#include <algorithm>
#include <array>
#include <span>

#include "client/shell/copy_in.h"
#include "client/shell/copy_out.h"
#include "client/shell/hadoop/destination.h"
#include "client/shell/hadoop/local_uri.h"
#include "client/shell/hadoop/threads.h"
#include "client/shell/hadoop/verbs.h"
#include "common/io/clock.h"

namespace cairn::shell::hadoop {
namespace {

Result<void> copyIn(FsCall& call, bool removeSource) {
  ASSIGN(const auto threads, threadsOf(call));
  auto& arguments = call.arguments();
  if (arguments.size() == 1) arguments.emplace_back(".");
  auto* const client = call.client();
  if (client == nullptr) return {};
  const auto destination = call.lookUpDestination(arguments.back());
  if (!destination) return {};
  const std::span sources(arguments.begin(), arguments.end() - 1);
  if (!std::ranges::all_of(sources, [&](const auto& source) { return call.isPath(source); })) {
    return {};
  }
  for (auto& source : sources) source = localPathOf(source);
  const bool force = call.has("f");
  const bool fromInput = sources.size() == 1 && sources[0] == "-";
  if (!fromInput && !checkDestination(call, *client, *destination, sources.size(), force)) {
    return {};
  }

  auto create = call.newFile();
  if (call.has("l")) create.replication = 1;
  const io::SystemClock clock;
  Meter meter(call.console(), clock);
  const auto failed = [&](std::string_view shown, const Status& why) {
    // Hadoop says of a directory in the way only that it exists.
    const bool inTheWay = why.code() == Code::IS_A_DIRECTORY;
    call.fail(shown, inTheWay ? Status(Code::ALREADY_EXISTS, "") : why);
  };
  TransferPool pool(*client, threads, failed);
  CopyIn copier({.connection = call.connection(),
                 .client = *client,
                 .meter = meter,
                 .pool = pool,
                 .failed = failed,
                 .over = [&]() { return call.over(); }},
                {.force = force,
                 .recursive = true,
                 .viaTemporary = !call.has("d"),
                 .removeSource = removeSource,
                 .preserve = call.has("p"),
                 .create = create,
                 .directoryMode = call.connection().directoryMode()});
  for (const auto& source : sources) {
    if (call.over()) break;
    // Standard input stands alone; beside others "-" is a file of this name.
    const bool isFile = source == "-" && !fromInput;
    if (isFile && localKindOf(source) == LocalKind::NOTHING) {
      call.fail(source, FsCall::absent());
      continue;
    }
    const auto target = targetFor(call, *client, *destination, localNameOf(source));
    if (target) copier.copy(isFile ? "./-" : source, *target);
  }
  copier.finish();
  meter.finish();
  return {};
}

Result<void> put(FsCall& call) { return copyIn(call, false); }
Result<void> moveFromLocal(FsCall& call) { return copyIn(call, true); }

constexpr std::array<std::string_view, 4> FLAGS = {"f", "p", "l", "d"};
constexpr std::array<std::string_view, 2> WITH_VALUES = {"t", "q"};
constexpr OptionGrammar GRAMMAR{.flags = FLAGS, .withValues = WITH_VALUES, .argumentsMin = 1};
constexpr std::string_view USAGE =
    "[-f] [-p] [-l] [-d] [-t <thread count>] [-q <thread pool queue size>] <localsrc> ... <dst>";

}  // namespace

const FsVerb PUT{
    .name = "put",
    .usage = USAGE,
    .description =
        R"(Copies local files and directories into the file system; "-" is standard input.
  -f  replace files that exist
  -p  with owner, group, rights and times
  -d  write under the final name at once, not as <dst>._COPYING_
  -l  one replica
  -t  copy so many files at a time
  -q  accepted
)",
    .grammar = GRAMMAR,
    .run = put};

const FsVerb COPY_FROM_LOCAL{.name = "copyFromLocal",
                             .usage = USAGE,
                             .description = "The same as -put.\n",
                             .grammar = GRAMMAR,
                             .run = put};

const FsVerb MOVE_FROM_LOCAL{
    .name = "moveFromLocal",
    .usage = "[-f] [-p] [-l] [-d] <localsrc> ... <dst>",
    .description = "Copies as -put does, and removes each local file that is copied.\n",
    .grammar = {.flags = FLAGS, .argumentsMin = 1},
    .run = moveFromLocal};

}  // namespace cairn::shell::hadoop
