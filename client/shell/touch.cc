// `cairn touch`, `cairn touchz`: times, and empty files.
#include <array>
#include <optional>
#include <string>

#include "client/shell/commands.h"
#include "client/shell/time_text.h"
#include "client/shell/verb.h"
#include "common/io/clock.h"

namespace cairn::shell {
namespace {

constexpr char HELP[] =
    R"(Usage: cairn touch [-a] [-m] [-c] [-t TIME] PATH...

Sets the times of access and of change to now; makes empty files where there is nothing.

  -a, --access     the time of access alone
  -m, --modify     the time of change alone
  -c, --no-create  make nothing
  -t, --time TIME  this time instead: '2024-01-31 23:59:59', 2024-01-31 (in the local zone),
                   20240131:235959, or @1706745599 (seconds since 1970)

Exit codes: 0 done, 1 something could not be changed, 2 wrong usage.
Example: cairn touch -c -t 2024-01-31 /data/january
)";

constexpr char EMPTY_HELP[] =
    R"(Usage: cairn touchz PATH...

Makes empty files. One that is empty already gets a new time; one with bytes in it is an error.

Exit codes: 0 done, 1 something could not be made, 2 wrong usage.
Example: cairn touchz /jobs/17/_SUCCESS
)";

constexpr std::array FLAGS = {Flag{.letter = 'a', .name = "access"},
                              Flag{.letter = 'm', .name = "modify"},
                              Flag{.letter = 'c', .name = "no-create"},
                              Flag{.letter = 't', .name = "time", .takesValue = true}};
constexpr std::int64_t AS_IT_IS = -1;

CreateOptions newFile(Verb& verb) { return verb.connection().createOptions(); }

int touch(const Invocation& call) {
  auto verb = Verb::begin(call, {.flags = FLAGS, .operandsMin = 1});
  if (!verb) return EXIT_USAGE;
  std::optional<std::int64_t> timeMs;
  if (const auto text = verb->value("time")) {
    const auto time = parseTime(*text);
    if (!time.has_value()) return verb->misuse(time.error().message());
    timeMs = *time;
  }
  auto* const client = verb->client();
  if (client == nullptr) return verb->exitCode();
  const io::SystemClock clock;
  const bool both = verb->has("access") == verb->has("modify");
  for (const auto& item : verb->expandOperands()) {
    if (verb->over()) break;
    const auto& path = item.path.absolute();
    if (!item.entry) {
      if (verb->has("no-create")) continue;
      auto made = client->writeFile(path, "", newFile(*verb));
      if (!made.has_value()) verb->fail(item.shown, made.error());
      if (!made.has_value() || !timeMs) continue;
    }
    const auto time = timeMs.value_or(clock.nowMs());
    auto done = client->setTimes(path, both || verb->has("modify") ? time : AS_IT_IS,
                                 both || verb->has("access") ? time : AS_IT_IS);
    if (!done.has_value()) verb->fail(item.shown, done.error());
  }
  return verb->exitCode();
}

int makeEmpty(const Invocation& call) {
  auto verb = Verb::begin(call, {.flags = {}, .operandsMin = 1});
  if (!verb) return EXIT_USAGE;
  auto* const client = verb->client();
  if (client == nullptr) return verb->exitCode();
  for (const auto& item : verb->expandOperands()) {
    if (verb->over()) break;
    if (item.isDirectory()) {
      verb->fail(item.shown, Status(Code::IS_A_DIRECTORY, ""));
      continue;
    }
    if (item.entry && item.entry->length > 0) {
      verb->fail(item.shown, "is not empty");
      continue;
    }
    auto create = newFile(*verb);
    create.overwrite = true;
    auto made = client->writeFile(item.path.absolute(), "", create);
    if (!made.has_value()) verb->fail(item.shown, made.error());
  }
  return verb->exitCode();
}

}  // namespace

const Command TOUCH_COMMAND{
    .name = "touch", .summary = "change times, make empty files", .help = HELP, .run = touch};

const Command TOUCHZ_COMMAND{
    .name = "touchz", .summary = "make empty files", .help = EMPTY_HELP, .run = makeEmpty};

}  // namespace cairn::shell
