// `cairn head`, `cairn tail`: parts of files.
#include <array>
#include <string>

#include "client/shell/commands.h"
#include "client/shell/create_flags.h"
#include "client/shell/print_file.h"
#include "client/shell/verb.h"
#include "common/base/units.h"

namespace cairn::shell {
namespace {

constexpr char HEAD_HELP[] =
    R"(Usage: cairn head [-c BYTES] FILE...

Prints the first KiB of each file. Patterns in FILE (quote them) are expanded by cairn.

  -c, --bytes BYTES  so much instead: 200, 1MiB

Exit codes: 0 done, 1 something could not be read, 2 wrong usage.
Example: cairn head -c 4KiB /logs/today
)";

constexpr char TAIL_HELP[] =
    R"(Usage: cairn tail [-c BYTES] [-f [-s SECONDS]] FILE

Prints the last KiB of a file.

  -c, --bytes BYTES      so much instead: 200, 1MiB
  -f, --follow           go on with what is added to the file, until Ctrl-C
  -s, --sleep SECONDS    look again after so many seconds (default: 1)

Exit codes: 0 done, 1 it could not be read, 2 wrong usage, 130 interrupted.
Example: cairn tail -f /logs/today
)";

constexpr std::array HEAD_FLAGS = {Flag{.letter = 'c', .name = "bytes", .takesValue = true}};
constexpr std::array TAIL_FLAGS = {Flag{.letter = 'c', .name = "bytes", .takesValue = true},
                                   Flag{.letter = 'f', .name = "follow"},
                                   Flag{.letter = 's', .name = "sleep", .takesValue = true}};

constexpr std::uint64_t BYTES = 1024;
constexpr std::int64_t SLEEP_S_MAX = 86'400;

Result<std::uint64_t> bytesOf(const Verb& verb) {
  const auto text = verb.value("bytes");
  if (!text) return BYTES;
  return parseByteSize(*text);
}

int head(const Invocation& call) {
  auto verb = Verb::begin(call, {.flags = HEAD_FLAGS, .operandsMin = 1});
  if (!verb) return EXIT_USAGE;
  const auto bytes = bytesOf(*verb);
  if (!bytes.has_value()) return verb->misuse(bytes.error().message());
  auto* const client = verb->client();
  if (client == nullptr) return verb->exitCode();
  verb->forEachExisting(0, false, [&](const Item& item) {
    auto done = printHead(*client, item.path.absolute(), *bytes, call.console);
    if (!done.has_value()) verb->fail(item.shown, done.error());
  });
  return verb->exitCode();
}

int tail(const Invocation& call) {
  auto verb = Verb::begin(call, {.flags = TAIL_FLAGS, .operandsMin = 1, .operandsMax = 1});
  if (!verb) return EXIT_USAGE;
  const auto bytes = bytesOf(*verb);
  if (!bytes.has_value()) return verb->misuse(bytes.error().message());
  Follow follow{
      .wanted = verb->has("follow"), .everyMs = 1000, .over = [&verb]() { return verb->over(); }};
  if (const auto text = verb->value("sleep")) {
    const auto seconds = parseNumber("--sleep", *text, 1, SLEEP_S_MAX);
    if (!seconds.has_value()) return verb->misuse(seconds.error().message());
    follow.everyMs = static_cast<int>(*seconds * 1000);
  }
  const auto item = verb->lookUpOperand(verb->operands()[0]);
  if (!item) return verb->exitCode();
  auto done = printTail(*verb->client(), item->path.absolute(), *bytes, follow, call.console);
  if (!done.has_value()) verb->fail(item->shown, done.error());
  return verb->exitCode();
}

}  // namespace

const Command HEAD_COMMAND{
    .name = "head", .summary = "print the beginning of files", .help = HEAD_HELP, .run = head};

const Command TAIL_COMMAND{.name = "tail",
                           .summary = "print the end of a file, and follow it",
                           .help = TAIL_HELP,
                           .run = tail};

}  // namespace cairn::shell
