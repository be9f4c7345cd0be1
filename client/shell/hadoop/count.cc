// -count
#include <array>

#include "client/shell/hadoop/count_format.h"
#include "client/shell/hadoop/verbs.h"

namespace cairn::shell::hadoop {
namespace {

// -t stands for all types unless a word behind it names some; the last word is a path.
Result<void> takeTypes(std::vector<std::string>& words, CountStyle& style) {
  for (auto at = words.begin(); at != words.end() && at->starts_with('-') && *at != "--"; ++at) {
    if (*at != "-t") continue;
    at = words.erase(at);
    style.byType = true;
    std::string names;
    if (at != words.end() && at + 1 != words.end() && !at->starts_with('-') &&
        !at->starts_with('/')) {
      names = *at;
      words.erase(at);
    }
    style.types = names;
    return {};
  }
  return {};
}

Result<void> run(FsCall& call) {
  constexpr std::array<std::string_view, 7> FLAGS = {"q", "h", "v", "u", "x", "e", "s"};
  CountStyle style;
  TRY(takeTypes(call.arguments(), style));
  TRY(call.parseAgain({.flags = FLAGS, .argumentsMin = 1}));
  style.human = call.has("h");
  style.quota = call.has("q");
  style.quotaOnly = call.has("u");
  style.policy = call.has("e");
  style.snapshots = call.has("s");
  TRY(style.settle());
  auto* const client = call.client();
  if (client == nullptr) return {};
  if (call.has("x") && (style.quota || style.quotaOnly)) {
    call.console().print("q or u option is given, the -x option is ignored.\n");
  }
  if (call.has("v")) call.console().print(style.header());
  call.forEachExisting(0, false, [&](const Item& item) {
    auto summary = client->contentSummary(item.path.absolute());
    if (!summary.has_value()) return call.fail(item.shown, summary.error());
    call.console().print(style.line(*summary, item.isDirectory(), item.path.isRoot(), item.shown));
  });
  return {};
}

}  // namespace

const FsVerb COUNT{
    .name = "count",
    .usage = "[-q] [-h] [-v] [-t [<storage type>]] [-u] [-x] [-e] [-s] <path> ...",
    .description = R"(Prints how many directories, files and bytes there are, and the path.
  -q  with quotas, of which there are none yet
  -u  quotas alone
  -t  with -q or -u: quotas of storage types, all or those named
  -h  sizes like 4.5 K
  -v  with a header
  -x  without snapshots
  -e  with the erasure coding policy
  -s  with what snapshots hold
)",
    .grammar = {.raw = true},
    .run = run};

}  // namespace cairn::shell::hadoop
