// `cairn df`: space in the cluster.
#include <array>
#include <string>

#include "client/shell/commands.h"
#include "client/shell/hadoop/format.h"
#include "client/shell/json.h"
#include "client/shell/verb.h"
#include "common/base/units.h"

namespace cairn::shell {
namespace {

constexpr char HELP[] =
    R"(Usage: cairn df [-h] [--json]

Shows how much space the live datanodes have, use, and have left, in bytes on their disks.

  -h, --human  sizes like 4.0 KiB
  --json       an object

Exit codes: 0 done, 1 the namenode does not answer, 2 wrong usage.
Example: cairn df -h
)";

constexpr std::array FLAGS = {Flag{.letter = 'h', .name = "human"},
                              Flag{.letter = 0, .name = "json"}};

int run(const Invocation& call) {
  auto verb = Verb::begin(call, {.flags = FLAGS, .operandsMax = 0});
  if (!verb) return EXIT_USAGE;
  auto* const client = verb->client();
  if (client == nullptr) return verb->exitCode();
  const auto space = client->statFs();
  if (!space.has_value()) {
    verb->fail(client->namenode(), space.error());
    return verb->exitCode();
  }
  if (verb->has("json")) {
    JsonObject object;
    object.text("namenode", client->namenode())
        .number("capacity", space->capacity)
        .number("used", space->used)
        .number("remaining", space->remaining);
    call.console.print(object.str() + "\n");
    return verb->exitCode();
  }
  const auto size = [&](std::uint64_t bytes) {
    return verb->has("human") ? formatByteSize(bytes) : std::to_string(bytes);
  };
  hadoop::Table table(1);
  table.add({"Namenode", "Size", "Used", "Available", "Use%"});
  table.add({client->namenode(), size(space->capacity), size(space->used), size(space->remaining),
             hadoop::percentOf(space->used, space->capacity)});
  call.console.print(table.text());
  return verb->exitCode();
}

}  // namespace

const Command DF_COMMAND{
    .name = "df", .summary = "show the space there is", .help = HELP, .run = run};

}  // namespace cairn::shell
