// -du
#include <array>

#include "client/shell/hadoop/format.h"
#include "client/shell/hadoop/verbs.h"
#include "common/base/units.h"

namespace cairn::shell::hadoop {
namespace {

class Summer {
public:
  Summer(FsCall& call, Client& client) : call_(call), client_(client) {}

  // One argument: a line for each of a directory's children, or one for the whole.
  void measure(const Item& item) {
    if (!item.isDirectory() || call_.has("s")) return addRow(item);
    auto children = childrenOf(client_, item);
    if (!children.has_value()) return call_.fail(item.shown, children.error());
    for (const auto& child : *children) {
      if (call_.over()) return;
      addRow(child);
    }
  }

  void print() const {
    if (!table_.empty()) call_.console().print(table_.text());
  }

private:
  void addRow(const Item& item) {
    const auto summary = client_.contentSummary(item.path.absolute());
    if (!summary.has_value()) return call_.fail(item.shown, summary.error());
    // A header without lines below it is not printed.
    if (table_.empty() && call_.has("v")) {
      table_.add({"SIZE", "DISK_SPACE_CONSUMED_WITH_ALL_REPLICAS", "FULL_PATH_NAME"});
    }
    table_.add({size(summary->length), size(summary->spaceConsumed), item.shown});
  }
  std::string size(std::uint64_t bytes) const {
    return call_.has("h") ? formatByteSizeHadoop(bytes) : std::to_string(bytes);
  }

  FsCall& call_;
  Client& client_;
  Table table_;
};

Result<void> run(FsCall& call) {
  if (call.arguments().empty()) call.arguments().emplace_back(".");
  auto* const client = call.client();
  if (client == nullptr) return {};
  Summer summer(call, *client);
  call.forEachExisting(0, false, [&](const Item& item) { summer.measure(item); });
  summer.print();
  return {};
}

constexpr std::array<std::string_view, 4> FLAGS = {"h", "s", "v", "x"};

}  // namespace

const FsVerb DU{
    .name = "du",
    .usage = "[-s] [-h] [-v] [-x] <path> ...",
    .description = R"(Prints bytes, bytes times replicas, and path, for each entry of a directory.
(What is on disk is less, being compressed: 'cairn du' shows it.)
  -s  one line for the whole directory
  -h  sizes like 4.5 K
  -v  with a header
  -x  without snapshots
)",
    .grammar = {.flags = FLAGS},
    .run = run};

}  // namespace cairn::shell::hadoop
