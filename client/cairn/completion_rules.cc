#include "client/cairn/completion_rules.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "client/shell/fs_verbs.h"
#include "client/shell/storage_policy.h"

namespace cairn::app {
namespace {

// Where a command's operands are. Of `-put` and its kin the sources are local, and the rest is not;
// of `-get` and its kin it is the other way round. Others begin with so many words that are no
// paths.
struct Operands {
  std::string_view command;
  enum class Kind { REMOTE, INTO_CLUSTER, OUT_OF_CLUSTER } kind = Kind::REMOTE;
  std::size_t wordsInFront = 0;
};
using enum Operands::Kind;
constexpr std::array OPERANDS = {Operands{"append", INTO_CLUSTER},
                                 Operands{"appendToFile", INTO_CLUSTER},
                                 Operands{"cat"},
                                 Operands{"checksum"},
                                 Operands{"chgrp", REMOTE, 1},
                                 Operands{"chmod", REMOTE, 1},
                                 Operands{"chown", REMOTE, 1},
                                 Operands{"concat"},
                                 Operands{"copyFromLocal", INTO_CLUSTER},
                                 Operands{"copyToLocal", OUT_OF_CLUSTER},
                                 Operands{"count"},
                                 Operands{"cp"},
                                 Operands{"df"},
                                 Operands{"du"},
                                 Operands{"find"},
                                 Operands{"fsck"},
                                 Operands{"get", OUT_OF_CLUSTER},
                                 Operands{"getfattr"},
                                 Operands{"getmerge", OUT_OF_CLUSTER},
                                 Operands{"head"},
                                 Operands{"ls"},
                                 Operands{"mkdir"},
                                 Operands{"moveFromLocal", INTO_CLUSTER},
                                 Operands{"mv"},
                                 Operands{"put", INTO_CLUSTER},
                                 Operands{"rm"},
                                 Operands{"rmdir"},
                                 Operands{"setfattr"},
                                 Operands{"setcodec", REMOTE, 1},
                                 Operands{"setrep", REMOTE, 1},
                                 Operands{"stat"},
                                 Operands{"tail"},
                                 Operands{"test"},
                                 Operands{"text"},
                                 Operands{"touch"},
                                 Operands{"touchz"},
                                 Operands{"truncate"}};

constexpr std::array<std::string_view, 4> ADMIN = {"recover-lease", "report", "safemode",
                                                   "storage-policy"};
constexpr std::array<std::string_view, 4> SAFE_MODE = {"get", "enter", "leave", "wait"};
constexpr std::array<std::string_view, 4> POLICY_ACTIONS = {"get", "list", "set", "unset"};
constexpr std::array<std::string_view, 3> CODECS = {"inherit", "none", "zstd"};
constexpr std::array<std::string_view, 3> GENERIC_OPTIONS = {"-D", "-conf", "-fs"};  // of fs
constexpr std::array<std::string_view, 2> SHELLS = {"bash", "zsh"};

void offer(Completion& completion, std::string_view typed, std::string_view candidate) {
  if (candidate.starts_with(typed)) completion.candidates.emplace_back(candidate);
}

void offerCommands(Completion& completion, std::string_view typed,
                   std::span<const shell::Command* const> commands) {
  for (const auto* command : commands) {
    if (!command->hidden) offer(completion, typed, command->name);
  }
}

// `operands`: those in front of the one being typed.
bool isRemote(std::string_view command, std::size_t operands) {
  const auto found = std::ranges::find(OPERANDS, command, &Operands::command);
  if (found == OPERANDS.end()) return false;
  switch (found->kind) {
    case INTO_CLUSTER: return operands > 0;
    case OUT_OF_CLUSTER: return operands == 0;
    default: return operands >= found->wordsInFront;
  }
}

// What can stand behind `cairn admin`; `words` end with the one that is being typed.
Completion completionOfAdmin(std::span<const std::string> words) {
  Completion completion;
  const std::string_view typed = words.back();
  if (words.size() == 1) {
    for (const auto word : ADMIN) offer(completion, typed, word);
  } else if (words[0] == "recover-lease") {
    completion.remotePath = true;
  } else if (words[0] == "safemode" && words.size() == 2) {
    for (const auto word : SAFE_MODE) offer(completion, typed, word);
  } else if (words[0] == "storage-policy" && words.size() == 2) {
    for (const auto word : POLICY_ACTIONS) offer(completion, typed, word);
  } else if (words[0] == "storage-policy" && words.size() == 3) {
    completion.remotePath = words[1] != "list";
  } else if (words[0] == "storage-policy" && words.size() == 4 && words[1] == "set") {
    for (const auto& policy : shell::storagePolicies()) offer(completion, typed, policy.name);
  }
  return completion;
}

// How many words in front are generic options of `cairn fs` with their values; the last word, if
// it is such a value that is being typed, counts.
std::size_t genericWordsIn(std::span<const std::string> words) {
  std::size_t at = 0;
  while (at + 1 < words.size()) {
    if (std::ranges::find(GENERIC_OPTIONS, words[at]) != GENERIC_OPTIONS.end()) {
      at += 2;
    } else if (words[at].starts_with("-D")) {
      ++at;
    } else {
      break;
    }
  }
  return at;
}

std::size_t operandsIn(std::span<const std::string> words) {
  return static_cast<std::size_t>(std::ranges::count_if(
      words, [](const std::string& word) { return !word.starts_with('-') || word == "-"; }));
}

}  // namespace

std::vector<std::string> flagsIn(std::string_view help) {
  std::vector<std::string> flags;
  while (!help.empty()) {
    auto line = help.substr(0, help.find('\n'));
    help.remove_prefix(std::min(help.size(), line.size() + 1));
    if (!line.starts_with("  -")) continue;
    line.remove_prefix(2);
    // "-f, --force  text", "--replication N, --chunk-size SIZE"
    line = line.substr(0, line.find("  "));
    while (!line.empty()) {
      const auto part = line.substr(0, line.find(", "));
      line.remove_prefix(std::min(line.size(), part.size() + 2));
      if (part.starts_with('-')) flags.emplace_back(part.substr(0, part.find_first_of(" =")));
    }
  }
  return flags;
}

Completion completionOf(std::span<const std::string> words,
                        std::span<const shell::Command* const> commands) {
  Completion completion;
  const std::string_view typed = words.back();
  if (words.size() == 1) {
    offerCommands(completion, typed, commands);
    return completion;
  }
  const auto& name = words[0];
  if (name == "help" || name == "usage") {
    offerCommands(completion, typed, commands);
    return completion;
  }
  if (name == "fs") {
    words = words.subspan(genericWordsIn(words.subspan(1)));
    if (words.size() == 1) return completion;  // an option's value
    if (words.size() == 2) {
      for (const auto verb : shell::fsVerbNames())
        offer(completion, typed, "-" + std::string(verb));
      offer(completion, typed, "-help");
      offer(completion, typed, "-usage");
      for (const auto option : GENERIC_OPTIONS) offer(completion, typed, option);
      return completion;
    }
    const auto verb = std::string_view(words[1]).substr(words[1].starts_with('-') ? 1 : 0);
    if (typed.starts_with('-')) {
      for (const auto& flag : shell::fsVerbFlags(verb)) offer(completion, typed, flag);
      return completion;
    }
    completion.remotePath = isRemote(verb, operandsIn(words.subspan(2, words.size() - 3)));
    return completion;
  }
  if (typed.starts_with('-')) {
    const auto found =
        std::ranges::find_if(commands, [&](const auto* command) { return command->name == name; });
    if (found == commands.end()) return completion;
    for (const auto& flag : flagsIn((*found)->help)) offer(completion, typed, flag);
    offer(completion, typed, "--help");
    return completion;
  }
  if (name == "admin") return completionOfAdmin(words.subspan(1));
  if (name == "setcodec" && words.size() == 2) {
    for (const auto word : CODECS) offer(completion, typed, word);
  } else if (name == "completion" && words.size() == 2) {
    for (const auto word : SHELLS) offer(completion, typed, word);
  }
  completion.remotePath = isRemote(name, operandsIn(words.subspan(1, words.size() - 2)));
  return completion;
}

}  // namespace cairn::app
