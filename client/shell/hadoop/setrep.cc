// -setrep
#include <array>
#include <charconv>
#include <vector>

#include "client/shell/hadoop/verbs.h"
#include "client/shell/replication_wait.h"

namespace cairn::shell::hadoop {
namespace {

constexpr std::int64_t REPLICATION_MAX = INT16_MAX;  // of Hadoop's type

// In the words of Java's parser.
Result<std::uint16_t> parseReplication(FsCall& call, const std::string& text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) {
    call.complain("Illegal replication, a positive integer expected");
    return cairn::fail(Code::INVALID_ARGUMENT, "For input string: \"" + text + "\"");
  }
  if (number > REPLICATION_MAX || number < -REPLICATION_MAX - 1) {
    call.complain("Illegal replication, a positive integer expected");
    return cairn::fail(Code::INVALID_ARGUMENT,
                       "Value out of range. Value:\"" + text + "\" Radix:10");
  }
  if (number < 1) return cairn::fail(Code::INVALID_ARGUMENT, "replication must be >= 1");
  return static_cast<std::uint16_t>(number);
}

Result<void> run(FsCall& call) {
  ASSIGN(const auto wanted, parseReplication(call, call.arguments().front()));
  auto* const client = call.client();
  if (client == nullptr) return {};
  auto& console = call.console();
  std::vector<Item> changed;
  call.forEachExisting(1, true, [&](const Item& item) {
    if (item.isDirectory()) return;
    auto done = client->setReplication(item.path.absolute(), wanted);
    if (!done.has_value()) return call.fail(item.shown, done.error());
    console.print("Replication " + std::to_string(wanted) + " set: " + item.shown + "\n");
    if (call.has("w")) changed.push_back(item);
  });
  for (const auto& item : changed) {
    if (call.over()) break;
    console.print("Waiting for " + item.shown + " ...");
    console.flush();
    auto reached =
        awaitReplication(*client, item.path.absolute(), wanted,
                         {.slow =
                              [&]() {
                                console.print(
                                    "\nWARNING: the waiting time may be long for DECREASING the "
                                    "number of replications.\n");
                                console.flush();
                              },
                          .pending =
                              [&]() {
                                console.print(".");
                                console.flush();
                              },
                          .over = [&]() { return call.over(); }});
    if (!reached.has_value()) {
      call.fail(item.shown, reached.error());
    } else if (*reached) {
      console.print(" done\n");
    }
  }
  return {};
}

constexpr std::array<std::string_view, 2> FLAGS = {"R", "w"};

}  // namespace

const FsVerb SETREP{
    .name = "setrep",
    .usage = "[-R] [-w] <rep> <path> ...",
    .description = R"(Sets how many replicas files have; of a directory, all files below it.
  -w  wait until they have as many
  -R  accepted
)",
    .grammar = {.flags = FLAGS, .argumentsMin = 2},
    .run = run};

}  // namespace cairn::shell::hadoop
