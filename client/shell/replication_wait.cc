#include "client/shell/replication_wait.h"

#include <poll.h>

#include <algorithm>

namespace cairn::shell {
namespace {

constexpr int ASK_EVERY_MS = 250;
constexpr int TELL_EVERY_MS = 10'000;  // as Hadoop's shell does

}  // namespace

Result<bool> awaitReplication(Client& client, const std::string& path, std::uint16_t wanted,
                              const ReplicationWait& wait) {
  bool warned = false;
  for (int waitedMs = 0; !wait.over(); waitedMs += ASK_EVERY_MS) {
    ASSIGN(const auto chunks, client.locations(path));
    if (std::ranges::all_of(chunks, [&](const auto& c) { return c.replicas.size() == wanted; })) {
      return true;
    }
    const bool tooMany =
        std::ranges::any_of(chunks, [&](const auto& c) { return c.replicas.size() > wanted; });
    if (tooMany && !warned) {
      warned = true;
      wait.slow();
    }
    if (waitedMs % TELL_EVERY_MS == 0) wait.pending();
    ::poll(nullptr, 0, ASK_EVERY_MS);
  }
  return false;
}

}  // namespace cairn::shell
