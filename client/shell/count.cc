// `cairn count`: how many directories, files and bytes.
#include <array>
#include <string>

#include "client/shell/commands.h"
#include "client/shell/hadoop/count_format.h"
#include "client/shell/json.h"
#include "client/shell/text.h"
#include "client/shell/verb.h"
#include "common/base/units.h"

namespace cairn::shell {
namespace {

constexpr char HELP[] =
    R"(Usage: cairn count [-h] [-q | -u] [-v | --json] [PATH]...

For each PATH, with all below it: directories, files, bytes as they were written, path. Without a
PATH: your home directory. Takes the same time for a tree of any size. Patterns in a PATH (quote
them) are expanded by cairn: * ? [a-z] {a,b}.

  -h, --human       sizes like 4.0 KiB
  -q, --quota       in front: quota of names and what is left of it, quota of bytes and what is left
                    of it; none and inf, as there are no quotas yet
  -u, --quota-only  those and the path alone
  -v, --verbose     a line above that names the columns
  --json            an array of objects, with stored bytes too

Exit codes: 0 done, 1 something could not be read, 2 wrong usage.
Example: cairn count '/user/*'
)";

constexpr std::array FLAGS = {
    Flag{.letter = 'h', .name = "human"}, Flag{.letter = 'q', .name = "quota"},
    Flag{.letter = 'u', .name = "quota-only"}, Flag{.letter = 'v', .name = "verbose"},
    Flag{.letter = 0, .name = "json"}};

constexpr std::size_t COLUMN = 12;

class Counter {
public:
  explicit Counter(Verb& verb)
      : verb_(verb),
        quotas_(verb.has("quota") || verb.has("quota-only")),
        counts_(!verb.has("quota-only")) {}

  void print(const ContentSummary& summary, const Item& item) {
    if (verb_.has("json")) return all_.add(jsonOf(item.shown, summary).str());
    if (verb_.has("verbose") && !headed_) {
      printLine(quotas_ ? hadoop::quotaHeader() : "", {"DIR_COUNT", "FILE_COUNT", "CONTENT_SIZE"},
                "PATHNAME");
      headed_ = true;
    }
    printLine(
        quotas_ ? hadoop::quotaCells(summary, item.path.isRoot(), false) : "",
        {std::to_string(summary.directories), std::to_string(summary.files),
         verb_.has("human") ? formatByteSize(summary.length) : std::to_string(summary.length)},
        nameFor(verb_.console().outIsTerminal(), item.shown));
  }

  void finish() {
    if (verb_.has("json")) verb_.console().print(all_.str() + "\n");
  }

private:
  void printLine(std::string text, const std::array<std::string, 3>& counts,
                 const std::string& path) {
    if (counts_) {
      for (const auto& cell : counts) text += padLeft(cell, COLUMN) + " ";
    }
    verb_.console().print(text + " " + path + "\n");
  }

  Verb& verb_;
  const bool quotas_;
  const bool counts_;
  bool headed_ = false;
  JsonArray all_;
};

int run(const Invocation& call) {
  auto verb = Verb::begin(call, {.flags = FLAGS});
  if (!verb) return EXIT_USAGE;
  if (verb->has("json") &&
      (verb->has("verbose") || verb->has("quota") || verb->has("quota-only"))) {
    return verb->misuse("--json has no header and no quotas");
  }
  if (verb->operands().empty()) verb->addHomeOperand();
  auto* const client = verb->client();
  if (client == nullptr) return verb->exitCode();
  Counter counter(*verb);
  verb->forEachExisting(0, false, [&](const Item& item) {
    const auto summary = client->contentSummary(item.path.absolute());
    if (!summary.has_value()) return verb->fail(item.shown, summary.error());
    counter.print(*summary, item);
  });
  counter.finish();
  return verb->exitCode();
}

}  // namespace

const Command COUNT_COMMAND{
    .name = "count", .summary = "count directories, files and bytes", .help = HELP, .run = run};

}  // namespace cairn::shell
