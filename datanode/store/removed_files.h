// The replicas that were removed from a volume, kept for a while before their space is given back:
// the order may have been a mistake, such as that of a namenode that was started with an old
// directory. They lie in removed/<n>/, under the names they had; <n> counts up, and each of these
// directories takes what is removed in one eighth of the time.
// Layer: datanode/store.  Threads: any, several at a time; every call may block.
//
// What lies here is no replica any more: nobody reads, counts or reports it, and its space passes
// for free, since the volume gives it to whoever needs it (Volume::append). Nothing is synced:
// after a crash a file is here or where it was, and is ordered away again then.
// Errors: those of the disk.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/io/clock.h"
#include "common/io/disk.h"

namespace cairn::dn {

inline constexpr std::string_view REMOVED_DIR = "removed";

// An operator's word that what was removed is to be put back: this file, in the volume's directory
// when the datanode starts. It is gone once that is done.
inline constexpr std::string_view RESTORE_FILE = "restore-removed";

class RemovedFiles {
public:
  // Files that one call of empty() removes, at most: the unlink of a large file takes milliseconds.
  static constexpr std::size_t FILES_A_STEP = 32;

  // Both outlive it. `keepMs`: how long; 0: take() removes at once, and the clock may be null.
  RemovedFiles(io::Disk& disk, const io::Clock* clock, std::int64_t keepMs);
  RemovedFiles(const RemovedFiles&) = delete;
  RemovedFiles& operator=(const RemovedFiles&) = delete;

  // Lists what earlier lives have left. When that was removed is not known: it is kept as long as
  // what is removed now. O(files), no stat. Once, before the others.
  Result<void> load();
  // Moves all files back into the states' directories, but those whose places are taken; durable.
  // Returns how many. Before load().
  Result<std::size_t> restore();

  // Takes a replica's file in; removes it at once where there is no room for its name. NOT_FOUND.
  Result<void> take(std::string_view path);
  // Removes up to FILES_A_STEP files for good whose time is over, the oldest first. False when
  // there are none left.
  Result<bool> empty();
  // The same, however short a time they have been here.
  Result<bool> makeRoom();

  bool isEmpty() const;
  // Of all files here, by their names: of unfinished replicas nothing is known.
  std::uint64_t bytes() const;

private:
  // A directory, and what of it is known.
  struct Batch {
    std::uint64_t number = 0;
    std::int64_t begunMs = 0;
    std::uint64_t bytes = 0;
  };

  std::int64_t nowMs() const { return clock_ == nullptr ? 0 : clock_->monotonicMs(); }
  std::string pathOf(const Batch& batch) const;
  // REQUIRES: mutex_.
  Result<void> moveIn(std::string_view path);
  // The batch's directory, for a file that is there. Else nothing is made: the disk may be mounted
  // no more, and in an empty mount point anything of ours would look like somebody else's data to
  // the next start, which then refuses, where it would have left this volume out.
  Result<void> makeFor(std::string_view path, const Batch& batch);
  Result<bool> removeSome(bool young);
  // Of the oldest batch. REQUIRES: mutex_.
  Result<void> removeNext();

  io::Disk& disk_;
  const io::Clock* const clock_;
  const std::int64_t keepMs_;

  mutable std::mutex mutex_;         // held over single calls of the disk
  std::deque<Batch> batches_;        // the oldest first; the last one takes what comes
  std::vector<std::string> doomed_;  // what is left of the oldest, as far as it was listed
  std::uint64_t nextNumber_ = 0;
};

}  // namespace cairn::dn
