// A replica that nobody writes, opened for reading: its file, its index, and what it must be.
// Layer: datanode/store.  Threads: opening and reading may block; any thread, several at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/format/chunk_header.h"
#include "common/format/chunk_scan.h"
#include "common/format/frame_index.h"
#include "common/format/prefix_crcs.h"
#include "common/format/trailer.h"
#include "datanode/store/volume.h"

namespace cairn::dn {

class ReplicaFile {
public:
  // Opens and checks header, trailer, index, and that the file is the replica its name says. Reads
  // no frame. O(frames). NOT_FOUND, CORRUPT (the file is damaged), IO_ERROR.
  static Result<std::shared_ptr<const ReplicaFile>> open(Volume& volume, const FinalName& name,
                                                         const ClusterId& cluster);
  // Of an unfinished replica, whose frames have been looked through. `name`: as if it were sealed
  // without a footer.
  ReplicaFile(const FinalName& name, std::shared_ptr<io::File> file, std::uint32_t frameSize,
              format::FrameIndex index, format::PrefixCrcs plainCrcs)
      : name_(name),
        file_(std::move(file)),
        frameSize_(frameSize),
        index_(std::move(index)),
        plainCrcs_(std::move(plainCrcs)) {}

  // Of a final replica that open() calls damaged: `index` is what its frames say (index_walk.h).
  ReplicaFile(const FinalName& name, std::shared_ptr<io::File> file, std::uint32_t frameSize,
              format::FrameIndex index, Status damage)
      : name_(name),
        file_(std::move(file)),
        frameSize_(frameSize),
        index_(std::move(index)),
        damage_(std::move(damage)) {}

  const format::FrameIndex& index() const { return index_; }
  // Of a final one, the sum over all frames alone.
  const format::PrefixCrcs& plainCrcs() const { return plainCrcs_; }
  // Plain bytes of a frame at most.
  std::uint32_t frameSize() const { return frameSize_; }
  const std::shared_ptr<io::File>& file() const { return file_; }
  // Of the whole file, for handing it out; valid as long as this object. -1 on a disk without.
  int fd() const { return file_->fd(); }
  const FinalName& name() const { return name_; }
  // Why nothing but its frames may be used; it has no trailer, and its index may be short.
  const std::optional<Status>& damage() const { return damage_; }
  // REQUIRES: of open(), so of a final replica.
  const format::Trailer& trailer() const { return trailer_; }
  // Memory that the index takes, with the sums.
  std::size_t indexBytes() const { return std::size_t{20} * (index_.frameCount() + 1); }

private:
  ReplicaFile(const FinalName& name, std::unique_ptr<io::File> file)
      : name_(name), file_(std::move(file)) {}
  Result<void> load(const ClusterId& cluster);

  const FinalName name_;
  const std::shared_ptr<io::File> file_;
  std::uint32_t frameSize_ = 0;
  format::FrameIndex index_;
  format::PrefixCrcs plainCrcs_;
  format::Trailer trailer_;
  std::optional<Status> damage_;
};

// Reads a whole replica, unpacks every frame, and compares all sums: a piece at a time, so that
// others get at the disk in between.
// Threads: any; one call at a time.
class ReplicaCheck {
public:
  enum class Cache : std::uint8_t {
    KEEP,  // others read the file
    PASS,  // reads what the disk has, and leaves the system's cache as it is
  };
  ReplicaCheck(std::shared_ptr<const ReplicaFile> file, Cache cache);

  // Checks the next piece (1 MiB, about 2 ms). True when that was the last and all is well.
  // CORRUPT, IO_ERROR.
  Result<bool> next();
  // Of the file, so far. Not while next() runs.
  std::uint64_t bytesRead() const { return at_; }

private:
  const std::shared_ptr<const ReplicaFile> file_;
  const Cache cache_;
  format::ChunkScan scan_;
  std::uint64_t at_;  // in the file
  ByteVector piece_;
};

}  // namespace cairn::dn
