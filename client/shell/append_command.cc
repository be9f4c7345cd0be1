// `cairn append`: local bytes behind the end of a file.
#include <array>
#include <span>
#include <string>

#include "client/shell/append.h"
#include "client/shell/commands.h"
#include "client/shell/verb.h"
#include "common/io/clock.h"

namespace cairn::shell {
namespace {

constexpr char HELP[] =
    R"(Usage: cairn append [--new-chunk] SRC... FILE

Adds local files to the end of FILE, which is made when it does not exist; SRC "-" is standard input.
What was added before an error or a Ctrl-C stays in it.

  --new-chunk  begin a chunk of its own, though the last one has room

Exit codes: 0 done, 1 something could not be added, 2 wrong usage, 130 interrupted.
Example: dmesg | cairn append - /logs/kernel
)";

constexpr std::array FLAGS = {Flag{.letter = 0, .name = "new-chunk"}};

int run(const Invocation& call) {
  auto verb = Verb::begin(call, {.flags = FLAGS, .operandsMin = 2});
  if (!verb) return EXIT_USAGE;
  const std::span sources(verb->operands().begin(), verb->operands().end() - 1);
  auto* const client = verb->client();
  if (client == nullptr) return verb->exitCode();
  const auto target = verb->lookUpDestination(verb->operands().back());
  if (!target) return verb->exitCode();
  if (target->isDirectory()) {
    verb->fail(target->shown, Status(Code::IS_A_DIRECTORY, ""));
    return verb->exitCode();
  }
  const io::SystemClock clock;
  Meter meter(call.console, clock);
  auto create = verb->connection().createOptions();
  const auto failure =
      append(*client, *target,
             {.sources = sources, .newChunk = verb->has("new-chunk"), .create = create}, meter);
  meter.finish();
  if (failure) verb->fail(failure->shown, failure->why);
  return verb->exitCode();
}

}  // namespace

const Command APPEND_COMMAND{
    .name = "append", .summary = "add to the end of a file", .help = HELP, .run = run};

}  // namespace cairn::shell
