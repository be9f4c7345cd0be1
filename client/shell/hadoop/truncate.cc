// -truncate
#include <array>
#include <charconv>
#include <vector>

#include "client/shell/hadoop/verbs.h"
#include "client/shell/truncate_wait.h"

namespace cairn::shell::hadoop {
namespace {

Result<std::uint64_t> parseLength(FsCall& call, const std::string& text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) {
    call.complain("Illegal length, a non-negative integer expected");
    return cairn::fail(Code::INVALID_ARGUMENT, "For input string: \"" + text + "\"");
  }
  if (number < 0) return cairn::fail(Code::INVALID_ARGUMENT, "length must be >= 0");
  return static_cast<std::uint64_t>(number);
}

// INVALID_ARGUMENT: the file is shorter.
Result<void> cut(FsCall& call, Client& client, const Item& item, std::uint64_t length,
                 std::vector<Item>& waiting) {
  if (!item.entry) {
    call.fail(item.shown, FsCall::absent());
    return {};
  }
  if (item.isDirectory()) {
    call.fail(item.shown, Status(Code::IS_A_DIRECTORY, ""));
    return {};
  }
  if (length > item.entry->length) {
    return cairn::fail(Code::INVALID_ARGUMENT,
                       "Cannot truncate to a larger file size. Current size: " +
                           std::to_string(item.entry->length) +
                           ", truncate size: " + std::to_string(length) + ".");
  }
  const auto done = client.truncate(item.path.absolute(), length);
  if (!done.has_value()) {
    call.fail(item.shown, done.error());
  } else if (*done) {
    call.console().print("Truncated " + item.shown + " to length: " + std::to_string(length) +
                         "\n");
  } else if (call.has("w")) {
    waiting.push_back(item);
  } else {
    call.console().print("Truncating " + item.shown + " to length: " + std::to_string(length) +
                         ". Wait for block recovery to complete before further updating this "
                         "file.\n");
  }
  return {};
}

Result<void> run(FsCall& call) {
  ASSIGN(const auto length, parseLength(call, call.arguments().front()));
  auto* const client = call.client();
  if (client == nullptr) return {};
  std::vector<Item> waiting;
  for (const auto& item : call.expandArguments(1)) {
    if (call.over()) break;
    TRY(cut(call, *client, item, length, waiting));
  }
  for (const auto& item : waiting) {
    if (call.over()) break;
    call.console().print("Waiting for " + item.shown + " ...\n");
    call.console().flush();
    auto reached = awaitTruncation(*client, item.path.absolute(), [&]() { return call.over(); });
    if (!reached.has_value()) {
      call.fail(item.shown, reached.error());
    } else if (*reached) {
      call.console().print("Truncated " + item.shown + " to length: " + std::to_string(length) +
                           "\n");
    }
  }
  return {};
}

constexpr std::array<std::string_view, 1> FLAGS = {"w"};

}  // namespace

const FsVerb TRUNCATE{.name = "truncate",
                      .usage = "[-w] <length> <path> ...",
                      .description = R"(Cuts files to <length> bytes.
  -w  wait until it is done, where the last chunk has to be cut
)",
                      .grammar = {.flags = FLAGS, .argumentsMin = 2},
                      .run = run};

}  // namespace cairn::shell::hadoop
