#include "client/shell/truncate_wait.h"

#include <poll.h>

namespace cairn::shell {
namespace {

constexpr int ASK_EVERY_MS = 100;

}  // namespace

Result<bool> awaitTruncation(Client& client, const std::string& path,
                             const std::function<bool()>& over) {
  while (!over()) {
    ASSIGN(const auto entry, client.stat(path));
    if (!entry.underConstruction) return true;
    ::poll(nullptr, 0, ASK_EVERY_MS);
  }
  return false;
}

}  // namespace cairn::shell
