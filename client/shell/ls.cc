// `cairn ls`: entries of directories.
#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "client/shell/commands.h"
#include "client/shell/json.h"
#include "client/shell/text.h"
#include "client/shell/verb.h"
#include "common/base/units.h"

namespace cairn::shell {
namespace {

constexpr char HELP[] =
    R"(Usage: cairn ls [-l | -C] [-R] [-h] [-d] [-t] [-S] [-r] [-u] [-q] [--json] [PATH]...

Lists files and the entries of directories, in byte order of their names. Without a PATH: your home
directory, /user/<you>. Patterns in a PATH (quote them) are expanded by cairn: * ? [a-z] {a,b}.

  -l, --long       rights, replicas, owner, group, bytes, time of change, name
  -C, --names      names alone, one a line; whole paths where there is more than one directory
  -R, --recursive  directories within directories too
  -h, --human      sizes like 4.0 KiB
  -d, --directory  directories themselves, not what is in them
  -t, --time       the newest first
  -S, --size       the largest first
  -r, --reverse    the other way round
  -u, --access     the time of access instead of change
  -q, --hide       ? for each character that cannot be printed
  --json           an array of objects with all attributes

Exit codes: 0 done, 1 something could not be listed, 2 wrong usage.
Example: cairn ls -lh '/logs/2024-*'
)";

constexpr std::array FLAGS = {
    Flag{.letter = 'l', .name = "long"},      Flag{.letter = 'C', .name = "names"},
    Flag{.letter = 'R', .name = "recursive"}, Flag{.letter = 'h', .name = "human"},
    Flag{.letter = 'd', .name = "directory"}, Flag{.letter = 't', .name = "time"},
    Flag{.letter = 'S', .name = "size"},      Flag{.letter = 'r', .name = "reverse"},
    Flag{.letter = 'u', .name = "access"},    Flag{.letter = 'q', .name = "hide"},
    Flag{.letter = 0, .name = "json"}};

class Lister {
public:
  explicit Lister(Verb& verb) : verb_(verb), terminal_(verb.console().outIsTerminal()) {}

  // Entries under the names given to them.
  struct Line {
    std::string name;
    const Entry* entry;
  };
  void print(std::vector<Line> lines) {
    sort(lines);
    if (verb_.has("json")) {
      for (const auto& line : lines) json_.add(jsonOf(line.name, *line.entry).str());
      return;
    }
    if (!verb_.has("long")) {
      for (const auto& line : lines) {
        verb_.console().print(shown(line.name) + "\n");
      }
      return;
    }
    // Columns as wide as their widest.
    std::vector<std::array<std::string, 4>> cells;
    std::array<std::size_t, 4> widths{};
    cells.reserve(lines.size());
    for (const auto& [name, entry] : lines) {
      auto& row = cells.emplace_back();
      row[0] = entry->isDirectory() ? "-" : std::to_string(entry->replication);
      row[1] = entry->owner;
      row[2] = entry->group;
      row[3] = entry->isDirectory() ? "-" : size(entry->length);
      for (std::size_t i = 0; i < row.size(); ++i) {
        widths[i] = std::max(widths[i], displayWidth(row[i]));
      }
    }
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const Entry& entry = *lines[i].entry;
      const auto& row = cells[i];
      verb_.console().print(rightsOf(entry) + "  " + padLeft(row[0], widths[0]) + " " +
                            padRight(row[1], widths[1]) + " " + padRight(row[2], widths[2]) + "  " +
                            padLeft(row[3], widths[3]) + "  " +
                            minuteOf(timeOf(entry), Zone::LOCAL) + "  " + shown(lines[i].name) +
                            (entry.underConstruction ? "  (being written)" : "") + "\n");
    }
  }

  // A directory's entries. When there is more than one to list: below a line with its name, or with
  // its name in front of theirs.
  void printDirectory(Client& client, const Item& directory, bool named) {
    auto children = childrenOf(client, directory);
    if (!children.has_value()) return verb_.fail(directory.shown, children.error());
    const bool inFront = verb_.has("json") || (named && verb_.has("names"));
    if (named && !inFront) {
      verb_.console().print((first_ ? "" : "\n") + shown(directory.shown) + ":\n");
    }
    first_ = false;
    std::vector<Line> lines;
    lines.reserve(children->size());
    for (const auto& child : *children) {
      lines.push_back({inFront ? child.shown : child.known().name, &child.known()});
    }
    print(std::move(lines));
    if (!verb_.has("recursive")) return;
    for (const auto& child : *children) {
      if (verb_.over()) return;
      if (child.isDirectory()) printDirectory(client, child, true);
    }
  }

  void wroteFiles() { first_ = false; }
  void finish() {
    if (verb_.has("json")) verb_.console().print(json_.str() + "\n");
  }

private:
  std::string shown(const std::string& name) const {
    return verb_.has("hide") ? replaceControl(name) : nameFor(terminal_, name);
  }

  std::int64_t timeOf(const Entry& entry) const {
    return verb_.has("access") ? entry.atimeMs : entry.mtimeMs;
  }

  // Lines come in the order of their names, which equals keep.
  void sort(std::vector<Line>& lines) const {
    const bool byTime = verb_.has("time");
    const auto rank = [&](const Line& line) {
      return byTime ? timeOf(*line.entry) : static_cast<std::int64_t>(line.entry->length);
    };
    if (byTime || verb_.has("size")) {
      std::ranges::sort(lines, [&](const Line& a, const Line& b) {
        return rank(a) != rank(b) ? rank(a) > rank(b) : a.name < b.name;
      });
    }
    if (verb_.has("reverse")) std::ranges::reverse(lines);
  }

  std::string size(std::uint64_t bytes) const {
    return verb_.has("human") ? formatByteSize(bytes) : std::to_string(bytes);
  }

  Verb& verb_;
  bool terminal_;
  bool first_ = true;
  JsonArray json_;
};

int run(const Invocation& call) {
  auto verb = Verb::begin(call, {.flags = FLAGS});
  if (!verb) return EXIT_USAGE;
  if (verb->has("names") && (verb->has("long") || verb->has("json"))) {
    return verb->misuse("-C lists names alone: without -l and --json");
  }
  if (verb->has("hide") && verb->has("json")) {
    return verb->misuse("-q changes no name in --json");
  }
  if (verb->operands().empty()) verb->addHomeOperand();
  auto* const client = verb->client();
  if (client == nullptr) return verb->exitCode();

  std::vector<Lister::Line> files;
  std::vector<const Item*> directories;
  const auto items = verb->expandOperands();
  for (const auto& item : items) {
    if (!item.entry) {
      verb->fail(item.shown, Status(Code::NOT_FOUND, ""));
    } else if (item.isDirectory() && !verb->has("directory")) {
      directories.push_back(&item);
    } else {
      files.push_back({item.shown, &item.known()});
    }
  }
  Lister lister(*verb);
  const bool hasFiles = !files.empty();
  lister.print(std::move(files));
  if (hasFiles) lister.wroteFiles();
  const bool named = verb->has("recursive") || items.size() > 1 || verb->exitCode() != EXIT_DONE;
  for (const auto* directory : directories) {
    if (verb->over()) break;
    lister.printDirectory(*client, *directory, named);
  }
  lister.finish();
  return verb->exitCode();
}

}  // namespace

const Command LS_COMMAND{
    .name = "ls", .summary = "list files and directories", .help = HELP, .run = run};

}  // namespace cairn::shell
