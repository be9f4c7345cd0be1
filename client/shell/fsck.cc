// `cairn fsck`: whether the chunks of files are all there.
#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "client/shell/commands.h"
#include "client/shell/failures.h"
#include "client/shell/fsck_chunks.h"
#include "client/shell/fsck_report.h"
#include "client/shell/json.h"
#include "client/shell/text.h"
#include "client/shell/verb.h"

namespace cairn::shell {
namespace {

constexpr char HELP[] =
    R"(Usage: cairn fsck PATH [--files] [--chunks] [--locations | --racks] [--open-for-write] [--json]
                       [--move] [--delete]
       cairn fsck PATH --list-corrupt [--open-for-write] [--json]
       cairn fsck --chunk-id ID[,ID]... [--json]

Checks, for each file below PATH, that the namenode knows a live replica of every chunk, and counts
those that have fewer than they should. Reads no data and repairs nothing unless told to: the
namenode repairs under-replicated chunks by itself. What cannot be looked into (its path is beyond
the limits, or you may not) is named and counted, and the rest is checked. Files that are being
written are left out and counted apart; of these the last byte that must be there is read, and those
where it cannot be read are named (UNREADABLE): no datanode that has it is there.

  --files           a line for each file
  --chunks          and one for each chunk, with plain and stored bytes
  --locations       and the datanodes that hold it: number and address
  --racks           and the racks of these
  --open-for-write  check files that are being written, too, and name them (OPENFORWRITE)
  --list-corrupt    only the chunks without a live replica, or with damaged ones alone: chunk, file
  --chunk-id ID     only these chunks: which file has each, and how its replicas are. ID: as
                    --chunks shows it, the generation may be left out
  --move            copy what can still be read of files with missing or damaged chunks to
                    /lost+found/<path>/0, 1, ...: one for each run of bytes; the file stays
  --delete          remove such files for good, when they were read and bytes of them are lost: no
                    replica is known, or all are damaged; with --move, when the rest was copied.
                    Datanodes that are down may come back with what is missing: look first
  --json            all of it as an object

HDFS's -files, -blocks, -locations, -racks, -openforwrite, -list-corruptfileblocks, -move, -delete
and -blockId blk_ID... mean the same.

Exit codes: 0 healthy, 1 chunks are missing or every copy of them is
damaged, a file that is being written cannot be read, something could not be checked, or no file has
a chunk, 2 wrong usage.
Example: cairn fsck /demo --files --chunks --locations
)";

constexpr std::array FLAGS = {Flag{.letter = 0, .name = "files"},
                              Flag{.letter = 0, .name = "chunks"},
                              Flag{.letter = 0, .name = "locations"},
                              Flag{.letter = 0, .name = "racks"},
                              Flag{.letter = 0, .name = "open-for-write"},
                              Flag{.letter = 0, .name = "list-corrupt"},
                              Flag{.letter = 0, .name = "chunk-id", .takesValue = true},
                              Flag{.letter = 0, .name = "move"},
                              Flag{.letter = 0, .name = "delete"},
                              Flag{.letter = 0, .name = "json"}};

// HDFS's flags, and ours for them. Those that ask for what is so anyway stand for nothing.
constexpr std::array<std::pair<std::string_view, std::string_view>, 10> HDFS_FLAGS = {
    {{"-files", "--files"},
     {"-blocks", "--chunks"},
     {"-locations", "--locations"},
     {"-racks", "--racks"},
     {"-openforwrite", "--open-for-write"},
     {"-list-corruptfileblocks", "--list-corrupt"},
     {"-move", "--move"},
     {"-delete", "--delete"},
     {"-includeSnapshots", ""},
     {"-showprogress", ""}}};

std::vector<std::string> inOurGrammar(const std::vector<std::string>& words) {
  std::vector<std::string> ours;
  for (std::size_t at = 0; at < words.size(); ++at) {
    const auto& word = words[at];
    if (word == "-blockId") {
      // All words up to the next flag are its ids.
      std::string ids;
      for (; at + 1 < words.size() && !words[at + 1].starts_with('-'); ++at) {
        ids += (ids.empty() ? "" : ",") + words[at + 1];
      }
      ours.push_back("--chunk-id=" + ids);
      continue;
    }
    const auto known = std::ranges::find(HDFS_FLAGS, std::string_view(word),
                                         &std::pair<std::string_view, std::string_view>::first);
    if (known == HDFS_FLAGS.end()) {
      ours.push_back(word);
    } else if (!known->second.empty()) {
      ours.emplace_back(known->second);
    }
  }
  return ours;
}

class Checker {
public:
  Checker(Verb& verb, Client& client)
      : verb_(verb),
        client_(client),
        openToo_(verb.has("open-for-write")),
        corruptOnly_(verb.has("list-corrupt")),
        move_(verb.has("move")),
        delete_(verb.has("delete")) {
    detail_.racks = verb.has("racks");
    detail_.locations = verb.has("locations") || detail_.racks;
    detail_.chunks = verb.has("chunks") || detail_.locations;
    detail_.files = verb.has("files") || detail_.chunks;
  }

  void check(const Item& item) {
    if (!item.isDirectory()) return checkFile(item);
    ++totals_.directories;
    std::vector<Item> directories;
    auto listing = client_.list(item.path.absolute());
    while (!verb_.over()) {
      auto entry = listing.next();
      if (!entry.has_value()) {
        passOver(item, std::move(entry).error());
        break;
      }
      auto& found = *entry;
      if (!found) break;
      auto child = childOf(item, std::move(*found));
      if (child.isDirectory()) {
        directories.push_back(std::move(child));
      } else {
        checkFile(child);
      }
    }
    for (const auto& directory : directories) {
      if (verb_.over()) return;
      check(directory);
    }
  }

  const FsckTotals& totals() const { return totals_; }
  const JsonArray& listed() const { return listed_; }

private:
  void passOver(const Item& item, Status why) {
    ++totals_.notLookedInto;
    verb_.fail(item.shown, listingFailure(std::move(why)));
  }

  void checkFile(const Item& item) {
    const Entry& file = item.known();
    if (file.underConstruction && !corruptOnly_) checkOpenFile(item);
    if (file.underConstruction && !openToo_) return totals_.leaveOut(file);
    std::vector<ChunkLocation> chunks;
    if (file.chunkCount > 0 || file.underConstruction) {
      auto found = client_.locations(item.path.absolute());
      if (!found.has_value()) return passOver(item, std::move(found).error());
      chunks = std::move(*found);
    }
    const auto health = judge(file, chunks);
    totals_.add(file, health);
    const bool corrupt = health.missing > 0 || health.damaged > 0;
    // Files with something missing or damaged are named in any case.
    if (!corrupt && (corruptOnly_ || !(detail_.files || file.underConstruction))) return;
    const auto name = nameFor(verb_.console().outIsTerminal(), item.shown);
    const bool giveUp =
        corrupt && !file.underConstruction && health.open == 0 && (move_ || delete_);
    if (verb_.has("json")) {
      auto object = fileJson(item.shown, file, chunks, health, detail_);
      if (giveUp) tell(object, giveUpFile(item, chunks));
      listed_.add(object.str());
    } else if (corruptOnly_) {
      verb_.console().print(corruptChunks(name, chunks));
    } else {
      verb_.console().print(describeFile(name, file, chunks, health, detail_));
      if (giveUp) {
        const auto done = giveUpFile(item, chunks);
        verb_.console().print(describe(done, verb_.console().outIsTerminal()));
      }
    }
  }

  // Whether what was closed or synced of a file that is being written, or recovered, can be read.
  // The namenode alone does not know: datanodes that are there may have lost it.
  void checkOpenFile(const Item& item) {
    const Entry& file = item.known();
    const auto path = item.path.absolute();
    const auto read = readLastByte(path, file.length);
    if (read.has_value()) return;
    const auto code = read.error().code();
    if (code != Code::UNAVAILABLE && code != Code::CORRUPT) return;
    const auto now = client_.stat(path);
    if (!now.has_value() || now->id != file.id || !now->underConstruction) return;
    ++totals_.unreadable;
    if (verb_.has("json")) {
      auto object = fileJson(item.shown, file, {}, {}, {});
      object.text("unreadable", read.error().message());
      listed_.add(object.str());
      return;
    }
    const bool terminal = verb_.console().outIsTerminal();
    verb_.console().print(describeUnreadable(nameFor(terminal, item.shown), file,
                                             nameFor(terminal, read.error().message())));
  }

  Result<void> readLastByte(const std::string& path, std::uint64_t length) {
    ASSIGN(auto file, client_.open(path));
    if (length == 0) return {};
    std::array<std::byte, 1> last{};
    TRY(file.pread(length - 1, last));
    return {};
  }

  // What --move and --delete ask for. Complains of what did not work.
  GivenUp giveUpFile(const Item& item, const std::vector<ChunkLocation>& chunks) {
    const auto path = item.path.absolute();
    GivenUp done;
    done.salvage =
        salvage(client_, path, item.known(), chunks, move_, [this]() { return verb_.over(); });
    if (done.salvage.failure) {
      const auto& why = *done.salvage.failure;
      verb_.fail(item.shown,
                 (move_ ? "what is left of it was not copied: " : "not removed: ") +
                     (why.code() == Code::ALREADY_EXISTS ? why.message() : posixText(why)));
    } else if (delete_) {
      done.removed = removeLost(item, done.salvage);
      done.whole = done.salvage.unreadable.empty();
    }
    return done;
  }

  // Nothing that can be read, or may be again, is removed for good: what fsck was told of replicas
  // may be wrong, or not so any more.
  bool removeLost(const Item& item, const Salvage& looked) {
    if (looked.unreadable.empty()) return false;
    for (const auto& gap : looked.unreadable) {
      if (gap.certain) continue;
      verb_.fail(item.shown, "not removed, for some of it may be read later: " + gap.why.message());
      return false;
    }
    const auto path = item.path.absolute();
    const auto now = client_.stat(path);
    const auto& before = item.known();
    if (!now.has_value() || now->id != before.id || now->length != before.length ||
        now->mtimeMs != before.mtimeMs || now->underConstruction) {
      verb_.fail(item.shown, "not removed: it was changed meanwhile");
      return false;
    }
    const auto removed = client_.remove(path);
    if (!removed.has_value()) verb_.fail(item.shown, removed.error());
    return removed.has_value() && *removed;
  }

  Verb& verb_;
  Client& client_;
  const bool openToo_;
  const bool corruptOnly_;
  const bool move_;
  const bool delete_;
  FsckDetail detail_;
  FsckTotals totals_;
  JsonArray listed_;
};

int run(const Invocation& call) {
  const Invocation own{.name = call.name,
                       .args = inOurGrammar(call.args),
                       .settings = call.settings,
                       .console = call.console};
  auto verb = Verb::begin(own, {.flags = FLAGS, .operandsMin = 0, .operandsMax = 1});
  if (!verb) return EXIT_USAGE;
  const auto chunkIds = verb->value("chunk-id");
  if (!chunkIds && verb->operands().empty()) return verb->misuse("a path is missing");
  auto* const client = verb->client();
  if (client == nullptr) return verb->exitCode();
  if (verb->has("list-corrupt") && (verb->has("move") || verb->has("delete"))) {
    return verb->misuse("--list-corrupt only lists: leave it out to --move or --delete");
  }
  if (chunkIds) return checkChunks(*verb, *client, *chunkIds);
  Checker checker(*verb, *client);
  const auto items = verb->expandOperands();
  bool found = false;
  for (const auto& item : items) {
    if (verb->over()) break;
    if (item.entry) {
      found = true;
      checker.check(item);
    } else {
      verb->fail(item.shown, Status(Code::NOT_FOUND, ""));
    }
  }
  if (verb->over() || !found) return verb->exitCode();
  const auto& path = verb->operands()[0];
  const auto& totals = checker.totals();
  const auto shown = nameFor(call.console.outIsTerminal(), path);
  if (verb->has("json")) {
    call.console.print(totals.json(path, checker.listed().str()));
  } else {
    call.console.print(verb->has("list-corrupt") ? corruptSummary(shown, totals)
                                                 : totals.summary(shown));
  }
  return totals.corrupt() ? EXIT_FAILED : verb->exitCode();
}

}  // namespace

const Command FSCK_COMMAND{
    .name = "fsck", .summary = "check that all chunks are there", .help = HELP, .run = run};

}  // namespace cairn::shell
