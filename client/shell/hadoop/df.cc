// -df
#include <array>

#include "client/shell/hadoop/format.h"
#include "client/shell/hadoop/verbs.h"
#include "common/base/units.h"

namespace cairn::shell::hadoop {
namespace {

Result<void> run(FsCall& call) {
  if (call.arguments().empty()) call.arguments().emplace_back("/");
  auto* const client = call.client();
  if (client == nullptr) return {};
  const auto size = [&](std::uint64_t bytes) {
    return call.has("h") ? formatByteSizeHadoop(bytes) : std::to_string(bytes);
  };
  Table table(1);
  call.forEachExisting(0, false, [&](const Item& item) {
    const auto space = client->statFs();
    if (!space.has_value()) return call.fail(item.shown, space.error());
    if (table.empty()) table.add({"Filesystem", "Size", "Used", "Available", "Use%"});
    table.add({call.filesystem(), size(space->capacity), size(space->used), size(space->remaining),
               percentOf(space->used, space->capacity)});
  });
  if (!table.empty()) call.console().print(table.text());
  return {};
}

constexpr std::array<std::string_view, 1> FLAGS = {"h"};

}  // namespace

const FsVerb DF{.name = "df",
                .usage = "[-h] [<path> ...]",
                .description = R"(Prints how much space there is, is used, and is left.
  -h  sizes like 4.5 K
)",
                .grammar = {.flags = FLAGS},
                .run = run};

}  // namespace cairn::shell::hadoop
