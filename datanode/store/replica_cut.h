// Makes a replica that nobody writes, finished or not, a final one of another generation with
// exactly so many plain bytes. Every node that does so with the same length holds the same bytes
// then.
// Layer: datanode/store.  Threads: every call may block; any thread, one at a time. Nobody else
// touches the replica meanwhile.
//
// Where a frame ends at the new length, the file is cut and sealed in place: final -> rbw, cut, new
// footer, rename. Where it lies inside a frame, that frame is unpacked and what is left of it kept
// raw, in a new file: nothing of the old one is lost before the new one is complete. A crash at any
// step leaves the old generation with at least that many good bytes, or the new one, sealed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "common/base/result.h"
#include "common/format/chunk_scan.h"
#include "datanode/store/frame_walk.h"
#include "datanode/store/replica_appender.h"
#include "datanode/store/replica_copy.h"
#include "datanode/store/volume.h"

namespace cairn::dn {

class ReplicaCut {
public:
  // Opens it. NOT_FOUND, CORRUPT, IO_ERROR.
  static Result<std::unique_ptr<ReplicaCut>> begin(std::shared_ptr<Volume> volume,
                                                   const ResumeSource& source,
                                                   const ReplicaKey& key, const ClusterId& cluster,
                                                   std::uint64_t length);

  // Looks through the next piece (1 MiB) of what is kept, or copies it. True when all of it is.
  // INVALID_ARGUMENT when the replica is shorter; CORRUPT, IO_ERROR, DISK_FULL.
  Result<bool> next();
  // The changes; REQUIRES: next() was true. An old file that a new one replaces is removed, which
  // may come undone in a crash.
  Result<FinalName> finish(ResumeTraces& traces);

private:
  ReplicaCut(std::shared_ptr<Volume> volume, ResumeSource source, const ReplicaKey& key,
             std::uint64_t length);
  Result<void> keepPart(const format::Frame& frame);
  Result<bool> copyPiece();
  Result<FinalName> sealInPlace(ResumeTraces& traces);

  const std::shared_ptr<Volume> volume_;
  const ResumeSource source_;
  const ReplicaKey key_;
  const std::uint64_t length_;
  std::unique_ptr<io::File> file_;
  format::ChunkHeader header_;
  std::optional<FrameWalk> walk_;
  std::optional<format::ChunkScan> scan_;  // of what is kept
  std::uint64_t framesEnd_ = 0;            // where the whole frames end that are kept
  std::uint64_t framesPlain_ = 0;          // and the plain bytes of those
  ByteVector part_;                        // the frame that keeps a part of one; empty: none
  std::unique_ptr<ReplicaCopy> copy_;      // with a part only
};

}  // namespace cairn::dn
