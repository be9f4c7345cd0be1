// Makes the index of a final replica whose header, footer or trailer is damaged or cannot be read,
// or whose file has the wrong length, by walking its frames: these can be served then, each has its
// own checksum.
// Layer: datanode/store.  Threads: every call blocks; any thread, one at a time.
// Cost: reads the whole file once, a piece at a time; twice around a bad sector, and no further
// when there are many.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/format/frame.h"
#include "common/format/frame_index.h"
#include "datanode/store/replica_file.h"
#include "datanode/store/volume.h"

namespace cairn::dn {

class IndexWalk {
public:
  // A disk that fails may take seconds to say so, each time.
  static constexpr unsigned UNREADABLE_FRAMES_MAX = 16;

  // Opens the file. `damage`: why it cannot be opened as ReplicaFile::open() does. CORRUPT when its
  // header is good, but another chunk's or cluster's. What a damaged one says does not matter: each
  // frame names its chunk. UNSUPPORTED_VERSION, NOT_FOUND, IO_ERROR.
  static Result<std::unique_ptr<IndexWalk>> begin(Volume& volume, const FinalName& name,
                                                  const ClusterId& cluster, Status damage);
  // Takes the next piece (about 1 MiB of the file), or of one that cannot be read a frame. True
  // when there is nothing more. A frame that cannot be read is a bad one; the walk ends with the
  // UNREADABLE_FRAMES_MAXth, and where a frame's header cannot be read.
  Result<bool> next();
  // REQUIRES: next() was true. Its index has the good frames up to the first bad one. What follows
  // a bad one counts only if all lengths together are those of the file's name, for a bad frame's
  // own lengths may be wrong. A bad frame that is in the index is never served: reading checks it.
  std::shared_ptr<const ReplicaFile> finish();

private:
  IndexWalk(const FinalName& name, std::unique_ptr<io::File> file, std::uint32_t frameSize,
            Status damage);
  bool isWhole() const;
  // Reads one frame alone. As next().
  bool nextAlone();
  // False when it cannot be the next frame.
  bool add(const format::FrameHeader& header, bool isGood);

  const FinalName name_;
  const std::shared_ptr<io::File> file_;
  const std::uint32_t frameSize_;
  const Status damage_;
  format::FrameIndex index_;
  std::optional<std::uint32_t> firstBad_;
  std::uint64_t aloneUntil_ = 0;  // in the file: frames that begin before it are read alone
  unsigned unreadableFrames_ = 0;
  ByteVector piece_;
};

}  // namespace cairn::dn
