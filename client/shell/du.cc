// `cairn du`: how much lies where.
#include <array>
#include <string>

#include "client/shell/commands.h"
#include "client/shell/json.h"
#include "client/shell/text.h"
#include "client/shell/verb.h"
#include "common/base/units.h"

namespace cairn::shell {
namespace {

constexpr char HELP[] =
    R"(Usage: cairn du [-s] [-h] [-v | --json] [PATH]...

For each directory, with all below it: bytes as they were written, bytes on disk (compressed, all
replicas), path. Without a PATH: your home directory. Patterns in a PATH (quote them) are expanded
by cairn: * ? [a-z] {a,b}.

  -s, --summarize  one line for each PATH; takes the same time for a tree of any size
  -h, --human      sizes like 4.0 KiB
  -v, --verbose    a line above that names the columns
  --json           an array of objects

Exit codes: 0 done, 1 something could not be read, 2 wrong usage.
Example: cairn du -sh '/user/*'
)";

constexpr std::array FLAGS = {
    Flag{.letter = 's', .name = "summarize"}, Flag{.letter = 'h', .name = "human"},
    Flag{.letter = 'v', .name = "verbose"}, Flag{.letter = 0, .name = "json"}};

constexpr std::size_t SIZE_COLUMNS = 12;

class Lister {
public:
  Lister(Verb& verb, Client& client) : verb_(verb), client_(client) {}

  // The directories within the item first, each behind what is in it.
  void measure(const Item& item) {
    if (item.isDirectory() && !verb_.has("summarize")) {
      const auto children = childrenOf(client_, item);
      if (!children.has_value()) return verb_.fail(item.shown, children.error());
      for (const auto& child : *children) {
        if (verb_.over()) return;
        if (child.isDirectory()) measure(child);
      }
    }
    const auto summary = client_.contentSummary(item.path.absolute());
    if (!summary.has_value()) return verb_.fail(item.shown, summary.error());
    if (verb_.has("json")) return all_.add(jsonOf(item.shown, *summary).str());
    if (verb_.has("verbose") && !headed_) {
      verb_.console().print(padLeft("SIZE", SIZE_COLUMNS) + " " + padLeft("ON_DISK", SIZE_COLUMNS) +
                            "  PATHNAME\n");
      headed_ = true;
    }
    verb_.console().print(size(summary->length) + " " + size(summary->storedConsumed) + "  " +
                          nameFor(verb_.console().outIsTerminal(), item.shown) + "\n");
  }

  void finish() {
    if (verb_.has("json")) verb_.console().print(all_.str() + "\n");
  }

private:
  std::string size(std::uint64_t bytes) const {
    return padLeft(verb_.has("human") ? formatByteSize(bytes) : std::to_string(bytes),
                   SIZE_COLUMNS);
  }

  Verb& verb_;
  Client& client_;
  JsonArray all_;
  bool headed_ = false;
};

int run(const Invocation& call) {
  auto verb = Verb::begin(call, {.flags = FLAGS});
  if (!verb) return EXIT_USAGE;
  if (verb->has("verbose") && verb->has("json")) return verb->misuse("--json has no header");
  if (verb->operands().empty()) verb->addHomeOperand();
  auto* const client = verb->client();
  if (client == nullptr) return verb->exitCode();
  Lister lister(*verb, *client);
  verb->forEachExisting(0, false, [&](const Item& item) { lister.measure(item); });
  lister.finish();
  return verb->exitCode();
}

}  // namespace

const Command DU_COMMAND{
    .name = "du", .summary = "show how much lies where", .help = HELP, .run = run};

}  // namespace cairn::shell
