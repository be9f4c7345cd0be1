// -ls
#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "client/shell/hadoop/format.h"
#include "client/shell/hadoop/verbs.h"

namespace cairn::shell::hadoop {
namespace {

// Recursive listings come in groups of this many, each with its own widths, as Hadoop's do.
constexpr std::size_t GROUP = 100;

class Lister {
public:
  Lister(FsCall& call, Client& client)
      : call_(call),
        client_(client),
        style_{.human = call.has("h"),
               .accessTime = call.has("u"),
               .hideControl = call.has("q"),
               .policy = call.has("e")},
        recursive_(call.has("R") && !call.has("d")),
        sorted_(!recursive_ && (call.has("t") || call.has("S") || call.has("r"))) {}

  // One argument.
  void list(const Item& item) {
    if (!item.entry) return call_.fail(item.shown, FsCall::absent());
    if (item.isDirectory() && !call_.has("d")) {
      listDirectory(item);
    } else {
      print({&item, 1});
    }
  }

private:
  void listDirectory(const Item& directory) {
    auto children = childrenOf(client_, directory);
    if (!children.has_value()) return call_.fail(directory.shown, children.error());
    if (sorted_) sort(*children);
    if (!recursive_) {
      if (!children->empty() && !call_.has("C")) {
        call_.console().print("Found " + std::to_string(children->size()) + " items\n");
      }
      return print(*children);
    }
    for (std::size_t at = 0; at < children->size(); at += GROUP) {
      const auto group = std::span(*children).subspan(at, std::min(GROUP, children->size() - at));
      for (const auto& child : group) columns_.widen(child.known());
      for (const auto& child : group) {
        if (call_.over()) return;
        printLine(child);
        if (child.isDirectory()) listDirectory(child);
      }
    }
  }

  void print(std::span<const Item> items) {
    for (const auto& item : items) columns_.widen(item.known());
    for (const auto& item : items) printLine(item);
  }

  void printLine(const Item& item) {
    if (call_.has("C")) {
      call_.console().print(item.shown + "\n");
    } else {
      call_.console().print(columns_.line(item.known(), item.shown, style_));
    }
  }

  // Items come in order of their names, and equals stay so.
  void sort(std::vector<Item>& items) const {
    const bool byTime = call_.has("t");
    const bool bySize = !byTime && call_.has("S");
    const bool reversed = call_.has("r");
    // Larger comes first.
    const auto rank = [&](const Item& item) -> std::int64_t {
      if (bySize) return static_cast<std::int64_t>(item.known().length);
      return style_.accessTime ? item.known().atimeMs : item.known().mtimeMs;
    };
    if (!byTime && !bySize) {
      if (reversed) std::ranges::reverse(items);
      return;
    }
    std::ranges::sort(items, [&](const Item& a, const Item& b) {
      const auto first = rank(a);
      const auto second = rank(b);
      if (first != second) return reversed ? first < second : first > second;
      return a.path.absolute() < b.path.absolute();
    });
  }

  FsCall& call_;
  Client& client_;
  const LsStyle style_;
  const bool recursive_;
  const bool sorted_;
  LsColumns columns_;
};

Result<void> run(FsCall& call) {
  if (call.arguments().empty()) call.arguments().emplace_back(".");
  auto* const client = call.client();
  if (client == nullptr) return {};
  Lister lister(call, *client);
  for (const auto& item : call.expandArguments()) {
    if (call.over()) break;
    lister.list(item);
  }
  return {};
}

constexpr std::array<std::string_view, 10> FLAGS = {"C", "d", "h", "q", "R",
                                                    "t", "S", "r", "u", "e"};

}  // namespace

const FsVerb LS{
    .name = "ls",
    .usage = "[-C] [-d] [-h] [-q] [-R] [-t] [-S] [-r] [-u] [-e] [<path> ...]",
    .description = R"(Lists files, and what is in directories; without a path, the home directory.
  -C  paths only
  -d  directories themselves
  -h  sizes like 4.5 K
  -q  ? for characters that cannot be printed
  -R  directories within directories too
  -t  newest first
  -S  largest first
  -r  the other way round
      (-t, -S and -r change nothing with -R, as in Hadoop)
  -u  time of access instead of change
  -e  the erasure coding policy
)",
    .grammar = {.flags = FLAGS},
    .run = run};

}  // namespace cairn::shell::hadoop
