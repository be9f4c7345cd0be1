// `cairn fs`: the verbs in Hadoop's grammar, with its output, messages and exit codes.
#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "client/shell/commands.h"
#include "client/shell/connect.h"
#include "client/shell/hadoop/generic_options.h"
#include "client/shell/hadoop/verbs.h"

namespace cairn::shell {
namespace {

using hadoop::FS_DONE;
using hadoop::FS_USAGE;
using hadoop::FsVerb;

constexpr char HELP[] =
    R"(Usage: cairn fs [-D PROPERTY=VALUE] [-fs hdfs://HOST:PORT] -VERB [ARGUMENT]...

The file verbs as `hadoop fs` and `hdfs dfs` have them: the same arguments, output, messages and exit
codes. 'cairn fs -help' lists the verbs, 'cairn fs -help VERB' explains one.

Verbs: -cat -copyFromLocal -copyToLocal -du -get -ls -mkdir -mv -put -rm -stat -test -touchz
Properties: dfs.replication, dfs.blocksize, fs.defaultFS; others are ignored.

Exit codes: 0 done, 1 something failed, 255 wrong usage, 130 interrupted.
Example: cairn fs -put -f access.log /logs/ && cairn fs -ls -R /logs
)";

std::span<const FsVerb> allVerbs() {
  static const std::array ALL = {hadoop::CAT,           hadoop::COPY_FROM_LOCAL,
                                 hadoop::COPY_TO_LOCAL, hadoop::DU,
                                 hadoop::GET,           hadoop::LS,
                                 hadoop::MKDIR,         hadoop::MV,
                                 hadoop::PUT,           hadoop::RM,
                                 hadoop::STAT,          hadoop::TEST,
                                 hadoop::TOUCHZ};
  return ALL;
}

const FsVerb* findVerb(std::string_view name) {
  const auto all = allVerbs();
  const auto found = std::ranges::find(all, name, &FsVerb::name);
  return found == all.end() ? nullptr : &*found;
}

std::string grammarOf(const FsVerb& verb) {
  return "-" + std::string(verb.name) + " " + std::string(verb.usage);
}

std::string usageOfAll() {
  std::string text = "Usage: cairn fs [generic options]\n";
  for (const auto& verb : allVerbs()) text += "\t[" + grammarOf(verb) + "]\n";
  return text + "\t[-help [cmd ...]]\n\t[-usage [cmd ...]]\n";
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
  auto words = hadoop::takeGenericOptions(call.args, settings);
  if (!words.has_value()) return misuse(call.console, "fs", words.error().message(), nullptr);
  if (words->empty()) {
    call.console.printError(usageOfAll());
    return FS_USAGE;
  }
  const std::string& word = words->front();
  if (word == "-help" || word == "-usage") return explain(call.console, *words);
  const auto* const verb = word.starts_with('-') ? findVerb(word.substr(1)) : nullptr;
  if (verb == nullptr) {
    std::string why = "Unknown command";
    if (findVerb(word) != nullptr) {
      why += "\nDid you mean -" + word + "?  This command begins with a dash.";
    }
    return misuse(call.console, word, why, nullptr);
  }
  auto options = hadoop::parseOptions(std::span(*words).subspan(1), verb->grammar);
  if (!options.has_value()) return misuse(call.console, word, options.error().message(), verb);
  auto connection = Connection::prepare(settings, call.console);
  if (!connection.has_value()) {
    return misuse(call.console, word, connection.error().message(), verb);
  }
  hadoop::FsCall fsCall(std::string(verb->name), std::move(*options), *connection, call.console);
  if (auto done = verb->run(fsCall); !done.has_value()) {
    return misuse(call.console, word, done.error().message(), verb);
  }
  return fsCall.exitCode();
}

}  // namespace

const Command FS_COMMAND{
    .name = "fs", .summary = "the file commands in Hadoop's grammar", .help = HELP, .run = run};

}  // namespace cairn::shell
