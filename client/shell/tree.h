// A path and what is below it, one by one.
// Layer: client/shell.
#pragma once

#include <functional>
#include <string_view>

#include "cairn/client.h"
#include "client/shell/expand.h"
#include "common/base/result.h"

namespace cairn::shell {

struct TreeWalk {
  // Called for the item itself, then for each child in byte order of their names with all that is
  // below it.
  std::function<void(const Item& item)> visit;
  // Called for each directory that cannot be listed; the rest goes on.
  std::function<void(std::string_view shown, const Status& why)> failed;
  // Whether to stop; asked before each call of visit().
  std::function<bool()> over;
};

// REQUIRES: the item exists. One call to the namenode a directory and page; memory for the entries
// of the directories that are open at one time.
void walkTree(Client& client, const Item& item, const TreeWalk& walk);

}  // namespace cairn::shell
