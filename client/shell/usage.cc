#include "client/shell/usage.h"

#include <utility>
#include <vector>

namespace cairn::shell {

Usage& Usage::operator+=(const Usage& other) {
  files += other.files;
  directories += other.directories;
  plain += other.plain;
  plainReplicated += other.plainReplicated;
  storedReplicated += other.storedReplicated;
  return *this;
}

Usage usageOfFile(const Entry& entry) {
  return {.files = 1,
          .plain = entry.length,
          .plainReplicated = entry.length * entry.replication,
          .storedReplicated = entry.storedLength * entry.replication};
}

Usage usageOf(Client& client, const Item& item, const UsageWalk& walk) {
  if (!item.isDirectory()) return usageOfFile(item.known());
  Usage total{.directories = 1};
  std::vector<Item> directories;
  auto listing = client.list(item.path.absolute());
  while (!walk.over()) {
    auto entry = listing.next();
    if (!entry.has_value()) {
      walk.failed(item.shown, entry.error());
      break;
    }
    auto& found = *entry;
    if (!found) break;
    if (found->isDirectory()) {
      directories.push_back(childOf(item, std::move(*found)));
    } else {
      total += usageOfFile(*found);
    }
  }
  for (const auto& directory : directories) {
    if (walk.over()) break;
    total += usageOf(client, directory, walk);
  }
  if (walk.onDirectory) walk.onDirectory(item, total);
  return total;
}

}  // namespace cairn::shell
