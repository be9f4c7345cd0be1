// `cairn put`: local files into the cluster.
#include <sys/stat.h>

#include <array>
#include <string>

#include "client/shell/commands.h"
#include "client/shell/copy_in.h"
#include "client/shell/copy_out.h"
#include "client/shell/create_flags.h"
#include "client/shell/failures.h"
#include "client/shell/threads_flag.h"
#include "client/shell/verb.h"
#include "common/io/clock.h"

namespace cairn::shell {
namespace {

constexpr char HELP[] =
    R"(Usage: cairn put [-f] [-r] [-p] [-t N] [--replication N] [--chunk-size SIZE] SRC... DST

Copies local files into the cluster, to the name DST, or into DST when that is a directory. SRC "-"
is standard input. A file appears under its name when it is whole and on disk; until then it is
called <name>._COPYING_, and an interrupted put removes that.

  -f, --force          replace files that exist
  -r, --recursive      directories too; links within them are followed
  -p, --preserve       owner, group, rights and times
  -t, --threads N      copy so many files at a time (default: 1)
  --replication N      replicas of each chunk (default: the cluster's, see 'cairn admin report')
  --chunk-size SIZE    plain bytes of a chunk: 64MiB, 1g (default: the cluster's)
  --codec zstd|none    compression (default: the cluster's)
  --zstd-level N       -5 (fastest) to 19 (smallest)

Exit codes: 0 done, 1 something could not be copied, 2 wrong usage, 130 interrupted.
Example: cairn put --replication 2 access.log /logs/
         pg_dump shop | cairn put - /backup/shop.sql
)";

constexpr char MOVE_HELP[] =
    R"(Usage: cairn moveFromLocal [-f] [-r] [-p] [-t N] SRC... DST

Copies local files into the cluster as 'cairn put' does, with the same flags, and removes each that
is whole and on disk there. What could not be copied stays.

Exit codes: 0 done, 1 something could not be moved, 2 wrong usage, 130 interrupted.
Example: cairn moveFromLocal -r /var/spool/results /incoming/
)";

constexpr std::array FLAGS = {Flag{.letter = 'f', .name = "force"},
                              Flag{.letter = 'r', .name = "recursive"},
                              Flag{.letter = 'p', .name = "preserve"},
                              Flag{.letter = 't', .name = "threads", .takesValue = true},
                              Flag{.letter = 0, .name = "replication", .takesValue = true},
                              Flag{.letter = 0, .name = "chunk-size", .takesValue = true},
                              Flag{.letter = 0, .name = "codec", .takesValue = true},
                              Flag{.letter = 0, .name = "zstd-level", .takesValue = true}};

// Bytes of all sources, when they are files.
std::optional<std::uint64_t> totalOf(std::span<const std::string> sources) {
  std::uint64_t total = 0;
  for (const auto& source : sources) {
    struct stat info{};
    if (source == "-" || ::stat(source.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return {};
    total += static_cast<std::uint64_t>(info.st_size);
  }
  return total;
}

int copyIn(const Invocation& call, bool removeSource) {
  auto verb = Verb::begin(call, {.flags = FLAGS, .operandsMin = 2});
  if (!verb) return EXIT_USAGE;
  auto create = verb->connection().createOptions();
  if (auto set = applyCreateFlags(*verb, create); !set.has_value()) {
    return verb->misuse(set.error().message());
  }
  const auto threads = threadsOf(*verb);
  if (!threads.has_value()) return verb->misuse(threads.error().message());
  const std::span sources(verb->operands().begin(), verb->operands().end() - 1);
  const auto& destination = verb->operands().back();
  auto* const client = verb->client();
  if (client == nullptr) return verb->exitCode();
  auto target = verb->lookUpDestination(destination);
  if (!target) return verb->exitCode();

  const bool intoDirectory = target->isDirectory();
  if (!intoDirectory && (sources.size() > 1 || (target->path.saysDirectory() &&
                                                localKindOf(sources[0]) != LocalKind::DIRECTORY))) {
    verb->fail(destination,
               target->entry ? posixText(Status(Code::NOT_A_DIRECTORY, "")) : "no such directory");
    return verb->exitCode();
  }

  const io::SystemClock clock;
  Meter meter(call.console, clock);
  meter.expect(totalOf(sources));
  const auto failed = [&](std::string_view shown, const Status& why) { verb->fail(shown, why); };
  TransferPool pool(*client, *threads, failed);
  CopyIn copier({.connection = verb->connection(),
                 .client = *client,
                 .meter = meter,
                 .pool = pool,
                 .failed = failed,
                 .over = [&]() { return verb->over(); }},
                {.force = verb->has("force"),
                 .recursive = verb->has("recursive"),
                 .removeSource = removeSource,
                 .preserve = verb->has("preserve"),
                 .create = create,
                 .directoryMode = verb->connection().directoryMode()});
  for (const auto& source : sources) {
    if (verb->over()) break;
    if (!intoDirectory) {
      copier.copy(source, *target);
      continue;
    }
    const auto name = localNameOf(source);
    if (source == "-" || name == "." || name == ".." || name == "/") {
      verb->fail(source, "a name in " + destination + " is needed");
      continue;
    }
    auto inside = verb->lookUpOperand(joinLocal(target->shown, name));
    if (inside) copier.copy(source, *inside);
  }
  copier.finish();
  meter.finish();
  return verb->exitCode();
}

int put(const Invocation& call) { return copyIn(call, false); }
int moveFromLocal(const Invocation& call) { return copyIn(call, true); }

}  // namespace

const Command PUT_COMMAND{
    .name = "put", .summary = "copy local files into the cluster", .help = HELP, .run = put};

const Command MOVE_FROM_LOCAL_COMMAND{.name = "moveFromLocal",
                                      .summary = "move local files into the cluster",
                                      .help = MOVE_HELP,
                                      .run = moveFromLocal};

}  // namespace cairn::shell
