// `cairn mkdir`: directories.
#include <array>
#include <charconv>
#include <string>

#include "client/shell/commands.h"
#include "client/shell/verb.h"

namespace cairn::shell {
namespace {

constexpr char HELP[] =
    R"(Usage: cairn mkdir [-p] [-m MODE] PATH...

Makes directories.

  -p, --parents    missing directories above too; no error when it exists
  -m, --mode MODE  its rights as an octal number (default: 777 less fs.umask, so 755)

Exit codes: 0 done, 1 something could not be made, 2 wrong usage.
Example: cairn mkdir -p -m 750 /data/2024/01
)";

constexpr std::array FLAGS = {Flag{.letter = 'p', .name = "parents"},
                              Flag{.letter = 'm', .name = "mode", .takesValue = true}};

int run(const Invocation& call) {
  auto verb = Verb::begin(call, {.flags = FLAGS, .operandsMin = 1});
  if (!verb) return EXIT_USAGE;
  auto mode = verb->connection().directoryMode();
  if (const auto text = verb->value("mode")) {
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), mode, 8);
    if (error != std::errc() || end != text->data() + text->size() || mode > 01777) {
      return verb->misuse("--mode takes an octal number up to 1777, not '" + *text + "'");
    }
  }
  const bool parents = verb->has("parents");
  auto* const client = verb->client();
  if (client == nullptr) return verb->exitCode();
  for (const auto& operand : verb->operands()) {
    if (verb->over()) break;
    auto path = RemotePath::resolve(operand, verb->connection().paths());
    if (!path.has_value()) {
      verb->fail(operand, path.error());
      continue;
    }
    auto made = client->mkdirs(path->absolute(), mode, parents);
    if (!made.has_value()) {
      verb->fail(operand, made.error());
    } else if (!*made && !parents) {
      verb->fail(operand, Status(Code::ALREADY_EXISTS, ""));
    }
  }
  return verb->exitCode();
}

}  // namespace

const Command MKDIR_COMMAND{
    .name = "mkdir", .summary = "make directories", .help = HELP, .run = run};

}  // namespace cairn::shell
