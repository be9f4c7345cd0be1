#include "client/shell/hadoop/fs_call.h"

#include <algorithm>
#include <utility>

#include "client/shell/command.h"
#include "client/shell/glob.h"
#include "client/shell/hadoop/wording.h"
#include "client/shell/interrupt.h"
#include "client/shell/tree.h"

namespace cairn::shell::hadoop {

FsCall::FsCall(std::string name, Options options, Connection& connection, Console& console)
    : name_(std::move(name)),
      options_(std::move(options)),
      connection_(connection),
      console_(console) {}

std::optional<std::string> FsCall::value(std::string_view flag) const {
  const auto found = options_.values.find(flag);
  if (found == options_.values.end()) return std::nullopt;
  return found->second;
}

Result<void> FsCall::parseAgain(const OptionGrammar& grammar) {
  const auto words = std::move(options_.arguments);
  ASSIGN(options_, parseOptions(words, grammar));
  return {};
}

Client* FsCall::client() {
  auto client = connection_.client();
  if (client.has_value()) return *client;
  complain(client.error().message());
  over_ = true;
  return nullptr;
}

std::vector<Item> FsCall::expandArguments(std::size_t first, std::size_t last,
                                          Unmatched unmatched) {
  std::vector<Item> all;
  auto* const client = this->client();
  if (client == nullptr) return all;
  const auto source = EntrySource::of(*client);
  last = std::min(last, arguments().size());
  for (std::size_t i = first; i < last && !over(); ++i) {
    const auto& argument = arguments()[i];
    if (!isPath(argument)) return {};
    auto items = expand(argument, connection_.paths(), source);
    if (!items.has_value()) {
      fail(argument, items.error());
      continue;
    }
    if (hasWildcard(argument) && !items->front().entry) {
      if (unmatched == Unmatched::FAILS) fail(argument, absent());
      continue;
    }
    for (auto& item : *items) all.push_back(std::move(item));
  }
  return all;
}

void FsCall::forEachExisting(std::size_t first, bool recursive,
                             const std::function<void(const Item& item)>& visit) {
  auto* const client = this->client();
  if (client == nullptr) return;
  const TreeWalk walk{
      .visit = visit,
      .failed = [this](std::string_view shown, const Status& why) { fail(shown, why); },
      .over = [this]() { return over(); }};
  for (const auto& item : expandArguments(first)) {
    if (over()) return;
    if (!item.entry) {
      fail(item.shown, absent());
    } else if (recursive) {
      walkTree(*client, item, walk);
    } else {
      visit(item);
    }
  }
}

std::optional<Item> FsCall::lookUpArgument(const std::string& argument) {
  if (!isPath(argument)) return std::nullopt;
  auto* const client = this->client();
  if (client == nullptr) return std::nullopt;
  auto item = lookUp(argument, connection_.paths(), EntrySource::of(*client));
  if (item.has_value()) return std::move(*item);
  fail(argument, item.error());
  return std::nullopt;
}

std::optional<Item> FsCall::lookUpDestination(const std::string& argument) {
  if (!hasPattern(argument)) return lookUpArgument(argument);
  auto* const client = this->client();
  if (client == nullptr) return std::nullopt;
  auto items = expand(argument, connection_.paths(), EntrySource::of(*client));
  if (!items.has_value()) {
    fail(argument, items.error());
  } else if (items->size() > 1) {
    complain("`" + argument + "': Too many matches");
  } else if (hasWildcard(argument) && !items->front().entry) {
    fail(argument, absent());
  } else {
    return std::move(items->front());
  }
  return std::nullopt;
}

std::optional<Item> FsCall::lookUpFile(const std::string& argument) {
  auto item = lookUpArgument(argument);
  if (!item) return item;
  if (item->entry && !item->isDirectory()) return item;
  fail(item->shown, item->entry ? Status(Code::IS_A_DIRECTORY, "") : absent());
  return std::nullopt;
}

bool FsCall::isPath(const std::string& argument) {
  if (!argument.empty()) return true;
  misuse_ = "Can not create a Path from an empty string";
  over_ = true;
  return false;
}

void FsCall::fail(std::string_view shown, const Status& why) {
  if (connection_.isNamenodeLost(why)) {
    over_ = true;
    complain(connection_.describeLost(why));
  } else if (why.code() == Code::CANCELLED) {
    over_ = true;
    exitCode_ = FS_FAILED;
    if (!why.message().empty()) complain(why.message());
  } else {
    complain(wordsFor(shown, why));
  }
}

void FsCall::complain(std::string_view words) {
  exitCode_ = FS_FAILED;
  console_.flush();
  console_.printError(name_ + ": " + std::string(words) + "\n");
}

int FsCall::exitCode() const { return interrupted() ? EXIT_INTERRUPTED : exitCode_; }

bool FsCall::over() const { return over_ || interrupted() || console_.broken(); }

CreateOptions FsCall::newFile() const {
  auto create = connection_.createOptions();
  create.createParents = true;
  return create;
}

std::string FsCall::filesystem() const {
  return "hdfs://" + connection_.config().namenode.toString();
}

std::string FsCall::qualified(const RemotePath& path) const {
  return filesystem() + path.absolute();
}

}  // namespace cairn::shell::hadoop
