// Looks through a replica in rbw that no writer has in hand, a piece at a time: what of it can be
// relied on.
// Layer: datanode/store.  Threads: every call blocks; any thread, one at a time.
#pragma once

#include <memory>

#include "common/base/result.h"
#include "common/format/chunk_scan.h"
#include "datanode/store/frame_walk.h"
#include "datanode/store/replica_file.h"
#include "datanode/store/volume.h"

namespace cairn::dn {

class UnfinishedLook {
public:
  // Opens it. CORRUPT when it has no good header, or is another chunk's: nothing of it is of use.
  static Result<std::unique_ptr<UnfinishedLook>> begin(Volume& volume, const ReplicaKey& key,
                                                       const ClusterId& cluster);
  // Reads the next piece (1 MiB) and indexes its good frames. True when there are no more.
  // IO_ERROR.
  Result<bool> next();
  // REQUIRES: next() was true. name().length and name().storedLength are those of the good frames.
  // `cut`: cuts off what is behind them, durably: a torn frame that a crash left, and a footer (the
  // replica was not acknowledged as final).
  Result<std::shared_ptr<const ReplicaFile>> finish(Volume& volume, bool cut);

private:
  UnfinishedLook(const ReplicaKey& key, std::unique_ptr<io::File> file, std::uint32_t frameSize);

  const ReplicaKey key_;
  const std::shared_ptr<io::File> file_;
  const std::uint32_t frameSize_;
  format::ChunkScan scan_;
  FrameWalk walk_;
};

}  // namespace cairn::dn
