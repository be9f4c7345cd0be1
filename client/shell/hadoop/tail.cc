// -tail
#include <array>
#include <charconv>

#include "client/shell/hadoop/verbs.h"
#include "client/shell/print_file.h"

namespace cairn::shell::hadoop {
namespace {

constexpr std::uint64_t BYTES = 1024;

Result<void> run(FsCall& call) {
  Follow follow{.wanted = call.has("f"), .over = [&call]() { return call.over(); }};
  if (const auto text = call.value("s"); text && !text->empty()) {
    const auto* const last = text->data() + text->size();
    const auto [end, error] = std::from_chars(text->data(), last, follow.everyMs);
    if (error != std::errc() || end != last) {
      return cairn::fail(Code::INVALID_ARGUMENT, "For input string: \"" + *text + "\"");
    }
    if (follow.everyMs <= 0) follow.everyMs = Follow().everyMs;
  }
  const auto item = call.lookUpFile(call.arguments().front());
  if (!item) return {};
  auto done = printTail(*call.client(), item->path.absolute(), BYTES, follow, call.console());
  if (!done.has_value()) call.fail(item->shown, done.error());
  return {};
}

constexpr std::array<std::string_view, 1> FLAGS = {"f"};
constexpr std::array<std::string_view, 1> WITH_VALUES = {"s"};

}  // namespace

const FsVerb TAIL{
    .name = "tail",
    .usage = "[-f] [-s <sleep interval>] <file>",
    .description = R"(Prints the last KiB of a file.
  -f  goes on with what is added to it
  -s  looks again after so many milliseconds (5000)
)",
    .grammar = {.flags = FLAGS, .withValues = WITH_VALUES, .argumentsMin = 1, .argumentsMax = 1},
    .run = run};

}  // namespace cairn::shell::hadoop
