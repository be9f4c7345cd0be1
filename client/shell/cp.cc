// `cairn cp`: copies within the cluster.
#include <array>
#include <string>

#include "client/shell/commands.h"
#include "client/shell/copy_within.h"
#include "client/shell/create_flags.h"
#include "client/shell/threads_flag.h"
#include "client/shell/verb.h"
#include "common/io/clock.h"

namespace cairn::shell {
namespace {

constexpr char HELP[] =
    R"(Usage: cairn cp [-f] [-r] [-p] [-t N] SRC... DST

Copies files of the cluster to the name DST there, or into DST when that is a directory. Patterns in
SRC (quote them) are expanded by cairn: * ? [a-z] {a,b}. A file appears under its name when it is
whole; until then it is called <name>._COPYING_, and an interrupted cp removes that.

  -f, --force          replace files that exist
  -r, --recursive      directories too
  -p, --preserve       rights, times, extended attributes, and, where you may, owner and group
  -t, --threads N      copy so many files at a time (default: 1)
  --replication N, --chunk-size SIZE, --codec zstd|none, --zstd-level N
                       how the copies are stored, as for 'cairn put'

Exit codes: 0 done, 1 something could not be copied, 2 wrong usage, 130 interrupted.
Example: cairn cp -r -t 4 /data/2024 /backup/
)";

constexpr std::array FLAGS = {Flag{.letter = 'f', .name = "force"},
                              Flag{.letter = 'r', .name = "recursive"},
                              Flag{.letter = 'p', .name = "preserve"},
                              Flag{.letter = 't', .name = "threads", .takesValue = true},
                              Flag{.letter = 0, .name = "replication", .takesValue = true},
                              Flag{.letter = 0, .name = "chunk-size", .takesValue = true},
                              Flag{.letter = 0, .name = "codec", .takesValue = true},
                              Flag{.letter = 0, .name = "zstd-level", .takesValue = true}};

// Nothing, after a complaint, when it would lie within itself, or cannot be looked up.
std::optional<Item> targetOf(Verb& verb, Client& client, const Item& item,
                             const Item& destination) {
  auto target = destination;
  if (destination.isDirectory() && !item.path.isRoot()) {
    target.path = destination.path.child(item.path.name());
    target.shown = target.path.shown();
    auto entry = EntrySource::of(client).stat(target.path.absolute());
    if (!entry.has_value()) {
      verb.fail(target.shown, entry.error());
      return std::nullopt;
    }
    target.entry = std::move(*entry);
  }
  const auto& from = item.path.absolute();
  const auto& to = target.path.absolute();
  if (from == to) {
    verb.fail(item.shown, "is the same as the copy would be");
    return std::nullopt;
  }
  if (item.isDirectory() && to.starts_with(item.path.isRoot() ? "/" : from + "/")) {
    verb.fail(item.shown, "cannot be copied into itself, " + target.shown);
    return std::nullopt;
  }
  return target;
}

int run(const Invocation& call) {
  auto verb = Verb::begin(call, {.flags = FLAGS, .operandsMin = 2});
  if (!verb) return EXIT_USAGE;
  auto create = verb->connection().createOptions();
  if (auto set = applyCreateFlags(*verb, create); !set.has_value()) {
    return verb->misuse(set.error().message());
  }
  const auto threads = threadsOf(*verb);
  if (!threads.has_value()) return verb->misuse(threads.error().message());
  auto* const client = verb->client();
  if (client == nullptr) return verb->exitCode();
  const auto& destination = verb->operands().back();
  const auto items = verb->expandOperands(0, verb->operands().size() - 1);
  if (verb->over()) return verb->exitCode();
  const auto target = verb->lookUpDestination(destination);
  if (!target) return verb->exitCode();
  const bool several = items.size() > 1 || verb->operands().size() > 2;
  const bool wantsDirectory =
      several || (target->path.saysDirectory() && !items.empty() && !items[0].isDirectory());
  if (!target->isDirectory() && wantsDirectory) {
    verb->fail(destination, target->entry ? "not a directory" : "no such directory");
    return verb->exitCode();
  }

  const io::SystemClock clock;
  Meter meter(call.console, clock);
  const auto failed = [&](std::string_view shown, const Status& why) { verb->fail(shown, why); };
  TransferPool pool(*client, *threads, failed);
  Preserve preserve;
  if (verb->has("preserve")) {
    preserve = {.times = true, .owner = true, .rights = true, .xattrs = true, .ownerIfMay = true};
  }
  CopyWithin copier({.connection = verb->connection(),
                     .client = *client,
                     .meter = meter,
                     .pool = pool,
                     .failed = failed,
                     .over = [&]() { return verb->over(); }},
                    {.force = verb->has("force"),
                     .recursive = verb->has("recursive"),
                     .preserve = preserve,
                     .create = create,
                     .directoryMode = verb->connection().directoryMode()});
  for (const auto& item : items) {
    if (verb->over()) break;
    if (!item.entry) {
      verb->fail(item.shown, Status(Code::NOT_FOUND, ""));
      continue;
    }
    if (const auto to = targetOf(*verb, *client, item, *target)) copier.copy(item, *to);
  }
  copier.finish();
  meter.finish();
  return verb->exitCode();
}

}  // namespace

const Command CP_COMMAND{
    .name = "cp", .summary = "copy files within the cluster", .help = HELP, .run = run};

}  // namespace cairn::shell
