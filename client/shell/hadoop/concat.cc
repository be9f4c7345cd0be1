// -concat
#include <string>
#include <vector>

#include "client/shell/hadoop/verbs.h"

namespace cairn::shell::hadoop {
namespace {

constexpr std::string_view GRAMMAR_OF_ALL = "<target path> <src path> <src path> ...";

// The path of a file. Nothing, after a complaint that begins with `kind`, when it is none.
std::optional<std::string> fileAt(FsCall& call, const std::string& argument,
                                  const std::string& kind) {
  const auto item = call.lookUpArgument(argument);
  if (!item) return std::nullopt;
  if (item->entry && !item->isDirectory()) return item->path.absolute();
  call.complain(kind + call.qualified(item->path) + " does not exist or is not file.");
  return std::nullopt;
}

Result<void> run(FsCall& call) {
  const auto& arguments = call.arguments();
  if (arguments.empty()) {
    call.complain("Target path not specified. " + std::string(GRAMMAR_OF_ALL));
    return {};
  }
  if (arguments.size() < 3) {
    call.complain("The number of source paths is less than 2. " + std::string(GRAMMAR_OF_ALL));
    return {};
  }
  auto* const client = call.client();
  if (client == nullptr) return {};
  const auto target = fileAt(call, arguments[0], "Target path ");
  if (!target) return {};
  std::vector<std::string> sources;
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    auto source = fileAt(call, arguments[i], "");
    if (!source) return {};
    sources.push_back(std::move(*source));
  }
  auto done = client->concat(*target, std::move(sources));
  if (!done.has_value()) call.fail(arguments[0], done.error());
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
