// -touch
#include <array>
#include <optional>

#include "client/shell/hadoop/popped_options.h"
#include "client/shell/hadoop/verbs.h"
#include "client/shell/hadoop/wording.h"
#include "client/shell/time_text.h"
#include "common/io/clock.h"

namespace cairn::shell::hadoop {
namespace {

constexpr std::array<std::string_view, 3> FLAGS = {"a", "m", "c"};
constexpr std::int64_t AS_IT_IS = -1;

void touch(FsCall& call, Client& client, const Item& item, std::optional<std::int64_t> timeMs) {
  const auto& path = item.path.absolute();
  if (!item.entry) {
    // Hadoop looks for the directory above of what is not to be made, too.
    auto made = call.has("c") ? client.stat(item.path.parent().absolute())
                              : client.writeFile(path, "", call.connection().createOptions());
    if (!made.has_value()) {
      const bool noDirectory = made.error().code() == Code::NOT_FOUND;
      return noDirectory ? call.complain(noParent(item.shown, call.qualified(item.path)))
                         : call.fail(item.shown, made.error());
    }
    if (call.has("c") || !timeMs) return;
  }
  const io::SystemClock clock;
  const auto time = timeMs.value_or(clock.nowMs());
  const bool both = call.has("a") == call.has("m");
  auto done = client.setTimes(path, both || call.has("m") ? time : AS_IT_IS,
                              both || call.has("a") ? time : AS_IT_IS);
  if (!done.has_value()) call.fail(item.shown, done.error());
}

Result<void> run(FsCall& call) {
  ASSIGN(const auto text, popOptionWithValue(call.arguments(), "-t"));
  TRY(call.parseAgain({.flags = FLAGS, .argumentsMin = 1}));
  std::optional<std::int64_t> timeMs;
  if (text) {
    ASSIGN(timeMs, parseHadoopTime(*text));
  }
  auto* const client = call.client();
  if (client == nullptr) return {};
  for (const auto& item : call.expandArguments()) {
    if (call.over()) break;
    touch(call, *client, item, timeMs);
  }
  return {};
}

}  // namespace

const FsVerb TOUCH{
    .name = "touch",
    .usage = "[-a] [-m] [-t TIMESTAMP (yyyyMMdd:HHmmss) ] [-c] <path> ...",
    .description = R"(Sets the times of access and of change to now; makes files that do not exist.
  -a  the time of access alone
  -m  the time of change alone
  -t  this time instead, in the local zone
  -c  make nothing
)",
    .grammar = {.raw = true},
    .run = run};

}  // namespace cairn::shell::hadoop
