// -concat
#include <string>
#include <utility>
#include <vector>

#include "client/shell/hadoop/verbs.h"

namespace cairn::shell::hadoop {
namespace {

constexpr std::string_view GRAMMAR_OF_ALL = "<target path> <src path> <src path> ...";

Result<void> run(FsCall& call) {
  auto* const client = call.client();
  if (client == nullptr) return {};
  const auto items = call.expandArguments();
  if (call.over()) return {};
  if (items.empty()) {
    call.complain("Target path not specified. " + std::string(GRAMMAR_OF_ALL));
    return {};
  }
  if (items.size() < 3) {
    call.complain("The number of source paths is less than 2. " + std::string(GRAMMAR_OF_ALL));
    return {};
  }
  std::vector<std::string> paths;
  for (const auto& item : items) {
    if (!item.entry || item.isDirectory()) {
      call.complain((paths.empty() ? "Target path " : "") + call.qualified(item.path) +
                    " does not exist or is not file.");
      return {};
    }
    paths.push_back(item.path.absolute());
  }
  const auto target = std::move(paths.front());
  paths.erase(paths.begin());
  auto done = client->concat(target, std::move(paths));
  if (!done.has_value()) call.fail(items.front().shown, done.error());
  return {};
}

}  // namespace

const FsVerb CONCAT{
    .name = "concat",
    .usage = GRAMMAR_OF_ALL,
    .description = R"(Moves the chunks of the sources to the end of the target; the sources are gone
then. No data is copied.
)",
    .grammar = {.raw = true},
    .run = run};

}  // namespace cairn::shell::hadoop
