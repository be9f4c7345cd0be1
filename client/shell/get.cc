// `cairn get`: files of the cluster to the local file system.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>

#include "client/shell/commands.h"
#include "client/shell/copy_out.h"
#include "client/shell/download.h"
#include "client/shell/threads_flag.h"
#include "client/shell/verb.h"
#include "common/io/clock.h"

namespace cairn::shell {
namespace {

constexpr char HELP[] =
    R"(Usage: cairn get [-f] [-r] [-p] [-t N] SRC... DST

Copies files of the cluster to the local name DST, or into DST when that is a directory; DST "-" is
standard output. Patterns in SRC (quote them) are expanded by cairn: * ? [a-z] {a,b}. A file appears
under its name when it is whole; until then it is called <name>._COPYING_, and an interrupted get
removes that.

  -f, --force      replace files that exist
  -r, --recursive  directories too
  -p, --preserve   rights and times
  -t, --threads N  copy so many files at a time (default: 1)

Exit codes: 0 done, 1 something could not be copied, 2 wrong usage, 130 interrupted.
Example: cairn get '/logs/2024-01-*' /tmp/january/
)";

constexpr std::array FLAGS = {Flag{.letter = 'f', .name = "force"},
                              Flag{.letter = 'r', .name = "recursive"},
                              Flag{.letter = 'p', .name = "preserve"},
                              Flag{.letter = 't', .name = "threads", .takesValue = true}};

std::optional<std::uint64_t> totalOf(const std::vector<Item>& items) {
  std::uint64_t total = 0;
  for (const auto& item : items) {
    if (!item.entry || item.isDirectory()) return {};
    total += item.entry->length;
  }
  return total;
}

int toOutput(Verb& verb, Client& client, const std::vector<Item>& items) {
  verb.console().flush();
  const io::SystemClock clock;
  Meter meter(verb.console(), clock, !verb.console().outIsTerminal());
  meter.expect(totalOf(items));
  for (const auto& item : items) {
    if (verb.over()) break;
    Meter::File progress(meter, item.shown);
    auto file = client.open(item.path.absolute());
    if (!file.has_value()) {
      verb.fail(item.shown, file.error());
      continue;
    }
    auto done = downloadTo(*file, verb.console().out(), "standard output", progress);
    if (!done.has_value()) verb.fail(item.shown, done.error());
  }
  meter.finish();
  return verb.exitCode();
}

int run(const Invocation& call) {
  auto verb = Verb::begin(call, {.flags = FLAGS, .operandsMin = 2});
  if (!verb) return EXIT_USAGE;
  const auto threads = threadsOf(*verb);
  if (!threads.has_value()) return verb->misuse(threads.error().message());
  const auto& destination = verb->operands().back();
  auto* const client = verb->client();
  if (client == nullptr) return verb->exitCode();
  auto items = verb->expandOperands(0, verb->operands().size() - 1);
  std::erase_if(items, [&](const Item& item) {
    if (!item.entry) verb->fail(item.shown, Status(Code::NOT_FOUND, ""));
    return !item.entry;
  });
  if (items.empty() || verb->over()) return verb->exitCode();
  if (destination == "-") return toOutput(*verb, *client, items);

  const auto kind = localKindOf(destination);
  if (!kind.has_value()) {
    verb->fail(destination, kind.error());
    return verb->exitCode();
  }
  const bool intoDirectory = *kind == LocalKind::DIRECTORY;
  const bool several = items.size() > 1 || verb->operands().size() > 2;
  if (!intoDirectory && (several || (destination.ends_with('/') && !items[0].isDirectory()))) {
    verb->fail(destination, *kind == LocalKind::NOTHING ? "no such directory" : "not a directory");
    return verb->exitCode();
  }

  const io::SystemClock clock;
  Meter meter(call.console, clock);
  meter.expect(totalOf(items));
  const auto failed = [&](std::string_view shown, const Status& why) { verb->fail(shown, why); };
  TransferPool pool(*client, *threads, failed);
  CopyOut copier({.connection = verb->connection(),
                  .client = *client,
                  .meter = meter,
                  .pool = pool,
                  .failed = failed,
                  .over = [&]() { return verb->over(); }},
                 {.force = verb->has("force"),
                  .recursive = verb->has("recursive"),
                  .preserve = verb->has("preserve")});
  for (const auto& item : items) {
    if (verb->over()) break;
    if (intoDirectory && !item.path.isRoot()) {
      copier.copy(item, joinLocal(destination, item.path.name()));
    } else {
      copier.copy(item, destination);
    }
  }
  copier.finish();
  meter.finish();
  return verb->exitCode();
}

}  // namespace

const Command GET_COMMAND{
    .name = "get", .summary = "copy files of the cluster to here", .help = HELP, .run = run};

}  // namespace cairn::shell
