// Waits until a file's chunks have as many replicas as they should.
// Layer: client/shell.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "cairn/client.h"
#include "common/base/result.h"

namespace cairn::shell {

struct ReplicationWait {
  std::function<void()> slow;     // once, when replicas have to go: nobody is in a hurry with that
  std::function<void()> pending;  // every 10 s of waiting
  std::function<bool()> over;     // whether to stop
};

// True when each chunk has exactly `wanted` replicas, false when it was `over`. Asks the namenode
// at once, and then about every quarter of a second.
Result<bool> awaitReplication(Client& client, const std::string& path, std::uint16_t wanted,
                              const ReplicationWait& wait);

}  // namespace cairn::shell
