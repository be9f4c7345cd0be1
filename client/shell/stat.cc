// `cairn stat`: all attributes of files and directories.
#include <array>
#include <string>

#include "client/shell/commands.h"
#include "client/shell/compression.h"
#include "client/shell/json.h"
#include "client/shell/stat_format.h"
#include "client/shell/storage_policy.h"
#include "client/shell/text.h"
#include "client/shell/verb.h"
#include "common/base/units.h"

namespace cairn::shell {
namespace {

constexpr char HELP[] =
    R"(Usage: cairn stat [-c FORMAT | --json] PATH...

Shows the attributes of files and directories. Patterns in a PATH (quote them) are expanded by cairn:
* ? [a-z] {a,b}.

  -c, --format FORMAT  print this for each, and a newline, with
                       %n path, %F type, %s bytes, %S stored bytes of one replica, %r replicas,
                       %o chunk size, %c chunks, %C codec of new data (-: inherited),
                       %a rights (octal), %A rights (-rw-r--r--), %U owner, %G group,
                       %y %Y time of change (text, seconds since 1970),
                       %x %X time of access, %i id, %% a percent sign
  --json               an array of objects with all attributes

Exit codes: 0 done, 1 something does not exist, 2 wrong usage.
Example: cairn stat -c '%s %n' '/logs/*'
)";

constexpr std::array FLAGS = {Flag{.letter = 'c', .name = "format", .takesValue = true},
                              Flag{.letter = 0, .name = "json"}};

std::string sizeText(std::uint64_t bytes) {
  if (bytes < 1024) return std::to_string(bytes) + " bytes";
  return std::to_string(bytes) + " bytes (" + formatByteSize(bytes) + ")";
}

std::string page(const std::string& name, const Entry& entry) {
  std::string text = "    Path: " + name +
                     "\n    Type: " + (entry.isDirectory() ? "directory" : "file") +
                     (entry.underConstruction ? ", being written" : "") + "\n";
  if (entry.isDirectory()) {
    if (entry.childCount > 0) text += " Entries: " + std::to_string(entry.childCount) + "\n";
  } else {
    text += "    Size: " + sizeText(entry.length) + "\n";
    text += "  Stored: " + sizeText(entry.storedLength) + " on each of " +
            std::to_string(entry.replication) + " replicas\n";
    text += "  Chunks: " + std::to_string(entry.chunkCount) + " of up to " +
            formatByteSize(entry.chunkSize) + "\n";
  }
  if (const auto codec = compressionText(entry); !codec.empty()) {
    text += "   Codec: " + codec + (entry.isDirectory() ? ", for new files\n" : "\n");
  }
  if (entry.storagePolicy != 0) {
    text += "  Policy: " + std::string(nameOfStoragePolicy(entry.storagePolicy)) + "\n";
  }
  text += "  Rights: " + rightsOf(entry) + " (" + octalRights(entry) + "), owner " + entry.owner +
          ", group " + entry.group + "\n";
  text += " Changed: " + secondOf(entry.mtimeMs, Zone::LOCAL) + "\n";
  if (!entry.isDirectory()) text += "Accessed: " + secondOf(entry.atimeMs, Zone::LOCAL) + "\n";
  text += "      Id: " + std::to_string(entry.id) + "\n";
  return text;
}

int run(const Invocation& call) {
  auto verb = Verb::begin(call, {.flags = FLAGS, .operandsMin = 1});
  if (!verb) return EXIT_USAGE;
  const auto format = verb->value("format");
  if (format) {
    if (auto valid = checkStatFormat(*format); !valid.has_value()) {
      return verb->misuse(valid.error().message());
    }
  }
  const bool json = verb->has("json");
  JsonArray all;
  verb->forEachExisting(0, false, [&](const Item& item) {
    if (json) return all.add(jsonOf(item.shown, *item.entry).str());
    const auto name = nameFor(call.console.outIsTerminal(), item.shown);
    call.console.print(format ? formatStat(*format, name, *item.entry) + "\n"
                              : page(name, *item.entry));
  });
  if (json) call.console.print(all.str() + "\n");
  return verb->exitCode();
}

}  // namespace

const Command STAT_COMMAND{
    .name = "stat", .summary = "show the attributes of files", .help = HELP, .run = run};

}  // namespace cairn::shell
