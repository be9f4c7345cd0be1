// From typed paths with patterns to the entries they match.
// Layer: client/shell.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cairn/client.h"
#include "client/shell/remote_path.h"
#include "common/base/result.h"

namespace cairn::shell {

// A path with what is known of it.
struct Item {
  RemotePath path;
  std::string shown;           // for messages and results
  std::optional<Entry> entry;  // empty: it does not exist
  // REQUIRES: it exists.
  const Entry& known() const {
    return *entry;  // NOLINT(bugprone-unchecked-optional-access): the caller's business
  }
  bool isDirectory() const { return entry.has_value() && entry->isDirectory(); }
};

// Where entries come from: the client, or a table in tests.
struct EntrySource {
  // Empty when there is none.
  std::function<Result<std::optional<Entry>>(const std::string& path)> stat;
  // NOT_FOUND, NOT_A_DIRECTORY and PERMISSION_DENIED are what the caller expects.
  std::function<Result<std::vector<Entry>>(const std::string& directory)> list;

  static EntrySource of(Client& client);
};

// What `typed` stands for, sorted by path. A pattern that matches nothing, and a path that does not
// exist, give one item without an entry that is shown as it was typed (without its backslashes).
Result<std::vector<Item>> expand(std::string_view typed, const PathContext& context,
                                 const EntrySource& source);

// A path without patterns.
Result<Item> lookUp(std::string_view typed, const PathContext& context, const EntrySource& source);
// An entry of a directory, as list() gives it.
Item childOf(const Item& directory, Entry entry);
// All children of a directory, in byte order of their names. LIMIT_EXCEEDED: its path is beyond the
// limits, so it cannot be looked into.
Result<std::vector<Item>> childrenOf(Client& client, const Item& directory);

}  // namespace cairn::shell
