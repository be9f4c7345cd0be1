// `cairn fs`: the verbs in Hadoop's grammar, with its output, messages and exit codes.
#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "client/shell/commands.h"
#include "client/shell/connect.h"
#include "client/shell/fs_verbs.h"
#include "client/shell/hadoop/deprecated.h"
#include "client/shell/hadoop/generic_options.h"
#include "client/shell/hadoop/verbs.h"

namespace cairn::shell {
namespace {

using hadoop::FS_DONE;
using hadoop::FS_FAILED;
using hadoop::FS_USAGE;
using hadoop::FsVerb;

constexpr char HELP[] =
    R"(Usage: cairn fs [-conf FILE] [-D PROPERTY=VALUE] [-fs hdfs://HOST:PORT] -VERB [ARGUMENT]...

The file verbs as `hadoop fs` and `hdfs dfs` have them: the same arguments, output, messages and exit
codes. 'cairn fs -help' lists the verbs, 'cairn fs -help VERB' explains one.

Verbs: -appendToFile -cat -checksum -chgrp -chmod -chown -concat -copyFromLocal -copyToLocal -count
       -cp -df -du -expunge -find -get -getfattr -getmerge -head -ls -mkdir -moveFromLocal
       -moveToLocal -mv -put -rm -rmdir -setfattr -setrep -stat -tail -test -text -touch -touchz
       -truncate
Properties: dfs.replication, dfs.blocksize, fs.trash.interval, fs.permissions.umask-mode,
       fs.defaultFS; others are ignored. FILE has them in Hadoop's XML, as core-site.xml; -D wins.

Exit codes: 0 done, 1 something failed, 255 wrong usage, 130 interrupted.
Example: cairn fs -put -f access.log /logs/ && cairn fs -ls -R /logs
)";

std::span<const FsVerb> allVerbs() {
  static const std::array ALL = {hadoop::APPEND_TO_FILE,
                                 hadoop::CAT,
                                 hadoop::CHECKSUM,
                                 hadoop::CHGRP,
                                 hadoop::CHMOD,
                                 hadoop::CHOWN,
                                 hadoop::CONCAT,
                                 hadoop::COPY_FROM_LOCAL,
                                 hadoop::COPY_TO_LOCAL,
                                 hadoop::COUNT,
                                 hadoop::CP,
                                 hadoop::DF,
                                 hadoop::DU,
                                 hadoop::EXPUNGE,
                                 hadoop::FIND,
                                 hadoop::GET,
                                 hadoop::GETFATTR,
                                 hadoop::GETMERGE,
                                 hadoop::HEAD,
                                 hadoop::LS,
                                 hadoop::MKDIR,
                                 hadoop::MOVE_FROM_LOCAL,
                                 hadoop::MOVE_TO_LOCAL,
                                 hadoop::MV,
                                 hadoop::PUT,
                                 hadoop::RM,
                                 hadoop::RMDIR,
                                 hadoop::SETFATTR,
                                 hadoop::SETREP,
                                 hadoop::STAT,
                                 hadoop::TAIL,
                                 hadoop::TEST,
                                 hadoop::TEXT,
                                 hadoop::TOUCH,
                                 hadoop::TOUCHZ,
                                 hadoop::TRUNCATE};
  return ALL;
}

const FsVerb* findVerb(std::string_view name) {
  const auto all = allVerbs();
  const auto found = std::ranges::find(all, name, &FsVerb::name);
  if (found != all.end()) return &*found;
  const auto old = hadoop::deprecatedVerbs();
  const auto deprecated = std::ranges::find(old, name, &FsVerb::name);
  return deprecated == old.end() ? nullptr : &*deprecated;
}

std::string grammarOf(const FsVerb& verb) {
  if (verb.usage.empty()) return "-" + std::string(verb.name);
  return "-" + std::string(verb.name) + " " + std::string(verb.usage);
}

std::string usageOfAll() {
  std::vector<std::string> all{"-help [cmd ...]", "-usage [cmd ...]"};
  for (const auto& verb : allVerbs()) all.push_back(grammarOf(verb));
  std::ranges::sort(all);
  std::string text = "Usage: cairn fs [generic options]\n";
  for (const auto& grammar : all) text += "\t[" + grammar + "]\n";
  return text;
}

std::string usageOf(const FsVerb& verb) {
  return "Usage: cairn fs [generic options] " + grammarOf(verb) + "\n";
}

std::string helpOf(const FsVerb& verb) {
  std::string text = grammarOf(verb) + " :\n";
  std::string_view rest = verb.description;
  while (!rest.empty()) {
    const auto line = rest.substr(0, rest.find('\n') + 1);
    text += "  " + std::string(line);
    rest.remove_prefix(line.size());
  }
  return text;
}

// -help and -usage.
int explain(Console& console, std::span<const std::string> words) {
  const bool help = words[0] == "-help";
  const auto names = words.subspan(1);
  if (names.empty()) {
    console.print(usageOfAll());
    if (help) {
      for (const auto& verb : allVerbs()) console.print("\n" + helpOf(verb));
    }
    return FS_DONE;
  }
  for (auto name : names) {
    if (name.starts_with('-')) name.erase(0, 1);
    const auto* const verb = findVerb(name);
    if (verb == nullptr) {
      console.flush();
      console.printError(words[0] + ": `" + name + "': Unknown command\n" +
                         "Usage: cairn fs [generic options] " + words[0] + " [cmd ...]\n");
      return FS_USAGE;
    }
    console.print(help ? helpOf(*verb) : usageOf(*verb));
  }
  return FS_DONE;
}

int misuse(Console& console, const std::string& word, const std::string& why, const FsVerb* verb) {
  console.flush();
  console.printError(word + ": " + why + "\n" + usageOfAll() +
                     (verb != nullptr ? usageOf(*verb) : std::string()));
  return FS_USAGE;
}

int run(const Invocation& call) {
  auto settings = call.settings;
  auto generic = hadoop::takeGenericOptions(call.args, settings);
  if (!generic.has_value()) {
    if (generic.error().code() != Code::NOT_FOUND) {
      return misuse(call.console, "fs", generic.error().message(), nullptr);
    }
    call.console.printError("fs: " + generic.error().message() + "\n");
    return FS_FAILED;
  }
  const auto& words = generic->words;
  if (words.empty()) {
    call.console.printError(usageOfAll());
    return FS_USAGE;
  }
  const std::string& word = words.front();
  if (word == "-help" || word == "-usage") return explain(call.console, words);
  const auto* const verb = word.starts_with('-') ? findVerb(word.substr(1)) : nullptr;
  if (verb == nullptr) {
    std::string why = "Unknown command";
    if (findVerb(word) != nullptr) {
      why += "\nDid you mean -" + word + "?  This command begins with a dash.";
    }
    return misuse(call.console, word, why, nullptr);
  }
  if (!verb->instead.empty()) {
    call.console.printError(std::string(verb->name) + ": DEPRECATED: Please use '" +
                            std::string(verb->instead) + "' instead.\n");
  }
  auto options = hadoop::parseOptions(std::span(words).subspan(1), verb->grammar);
  if (!options.has_value()) return misuse(call.console, word, options.error().message(), verb);
  auto connection = Connection::prepare(settings, call.console);
  if (!connection.has_value()) {
    return misuse(call.console, word, connection.error().message(), verb);
  }
  hadoop::FsCall fsCall(std::string(verb->name), std::move(*options), *connection, call.console);
  if (generic->refused) {
    // Whatever the verb: the value is a mistake.
    fsCall.complain(generic->refused->message());
    return fsCall.exitCode();
  }
  if (auto done = verb->run(fsCall); !done.has_value()) {
    return misuse(call.console, word, done.error().message(), verb);
  }
  if (const auto& why = fsCall.misuse()) return misuse(call.console, word, *why, verb);
  return fsCall.exitCode();
}

}  // namespace

std::vector<std::string_view> fsVerbNames() {
  std::vector<std::string_view> names;
  for (const auto& verb : allVerbs()) names.push_back(verb.name);
  return names;
}

// By the usage, which names them all: "[-f] [-r|-R] [-t <thread count>]".
std::vector<std::string> fsVerbFlags(std::string_view verb) {
  std::vector<std::string> flags;
  const auto* const known = findVerb(verb);
  if (known == nullptr) return flags;
  const auto usage = known->usage;
  for (std::size_t at = 0; at < usage.size(); ++at) {
    const bool begins =
        usage[at] == '-' &&
        (at == 0 || std::string_view("[{| ").find(usage[at - 1]) != std::string_view::npos);
    if (!begins) continue;
    const auto end = std::min(usage.find_first_of(" []|}", at), usage.size());
    if (end - at > 1) flags.emplace_back(usage.substr(at, end - at));
    at = end;
  }
  return flags;
}

const Command FS_COMMAND{
    .name = "fs", .summary = "the file commands in Hadoop's grammar", .help = HELP, .run = run};

}  // namespace cairn::shell
