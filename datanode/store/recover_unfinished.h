// Looks through a replica in rbw that no writer has in hand: what of it can be relied on.
// Layer: datanode/store.  Threads: blocks; any thread.
#pragma once

#include <cstdint>
#include <memory>

#include "common/base/result.h"
#include "datanode/store/replica_file.h"
#include "datanode/store/volume.h"

namespace cairn::dn {

// Reads the file and indexes its good frames; name().length and name().storedLength are theirs.
// `cut`: also cuts off what is behind them, durably: a torn frame that a crash left, and a footer
// (the replica was not acknowledged as final). O(stored bytes).
// CORRUPT when it has no good header, or is another chunk's: nothing of it is of use.
Result<std::shared_ptr<const ReplicaFile>> recoverUnfinished(Volume& volume, const ReplicaKey& key,
                                                             const ClusterId& cluster, bool cut);

}  // namespace cairn::dn
