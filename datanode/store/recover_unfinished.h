// Brings a replica that a crash left in rbw back to what can be relied on.
// Layer: datanode/store.  Threads: blocks; any thread.
#pragma once

#include <cstdint>

#include "common/base/result.h"
#include "datanode/store/volume.h"

namespace cairn::dn {

struct RecoveredReplica {
  std::uint64_t length = 0;        // plain bytes of its good frames
  std::uint64_t storedLength = 0;  // of the file, cut behind them
};

// Cuts the file behind its last good frame (a footer is cut off too: the replica was not
// acknowledged as final) and makes that durable. O(stored bytes).
// CORRUPT when it has no good header, or is another chunk's: nothing of it is of use.
Result<RecoveredReplica> recoverUnfinished(Volume& volume, const ReplicaKey& key,
                                           const ClusterId& cluster);

}  // namespace cairn::dn
