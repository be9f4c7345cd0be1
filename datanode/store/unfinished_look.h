// Looks through a replica in rbw that no writer has in hand, a piece at a time: what of it can be
// relied on.
// Layer: datanode/store.  Threads: every call blocks; any thread, one at a time.
//
// One that was found after a start may end in a torn frame, which a crash has left and nobody was
// promised: that is cut off. But where good frames follow a bad one, the file was damaged in its
// middle, and what follows may have been promised: then it stays as it is. Its good beginning
// counts until a recovery, which knows how much was promised, cuts it or goes on without it.
#pragma once

#include <memory>
#include <optional>

#include "common/base/result.h"
#include "common/format/chunk_scan.h"
#include "datanode/store/frame_walk.h"
#include "datanode/store/later_frame.h"
#include "datanode/store/replica_file.h"
#include "datanode/store/volume.h"

namespace cairn::dn {

class UnfinishedLook {
public:
  enum class When : std::uint8_t {
    AFTER_START,  // nothing of it was seen in this life of the process
    AGAIN,
  };
  // Opens it. After a start the system's cache of it is dropped first. CORRUPT when it has no good
  // header, or is another chunk's: nothing of it is of use.
  static Result<std::unique_ptr<UnfinishedLook>> begin(Volume& volume, const ReplicaKey& key,
                                                       const ClusterId& cluster, When when);
  // Reads the next piece (1 MiB) and indexes its good frames. True when there are no more.
  // IO_ERROR.
  Result<bool> next();
  // REQUIRES: next() was true. name().length and name().storedLength are those of the good frames.
  // After a start, cuts off what is behind them, durably: a torn frame, and a footer (the replica
  // was not acknowledged as final); nothing when it is damaged().
  Result<std::shared_ptr<const ReplicaFile>> finish(Volume& volume);
  // After a start: good frames follow a bad one. REQUIRES: next() was true.
  bool damaged() const { return later_ && later_->found(); }

private:
  UnfinishedLook(const ReplicaKey& key, std::unique_ptr<io::File> file, std::uint32_t frameSize,
                 When when);

  const ReplicaKey key_;
  const std::shared_ptr<io::File> file_;
  const std::uint32_t frameSize_;
  const When when_;
  format::ChunkScan scan_;
  FrameWalk walk_;
  std::optional<LaterFrame> later_;  // set when the good frames have ended
};

}  // namespace cairn::dn
