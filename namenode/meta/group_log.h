// The log of groups: where each group of changes is made durable, in one write and one sync, before
// RocksDB hears of it. Files of a fixed size that are used again and again: a sync of bytes written
// over others costs less than half of one that makes a file longer
// (docs/decisions/0008_log_of_our_own.md).
// Layer: meta.  Threads: one at a time.  Ownership: the disk outlives it. Bytes: group_record.h.
//
// A group is written when the one before is durable, so a crash tears at most the last one, which
// nobody was told of. Anything else that does not read as it was written is damage: opening says
// CORRUPT and cuts nothing off.
//
// Errors: after one of append() the log takes nothing more; what of the group is on the disk is
// unknown until it is opened again.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/base/ids.h"
#include "common/base/result.h"
#include "common/base/units.h"
#include "common/io/disk.h"
#include "namenode/meta/group_record.h"

namespace cairn::nn {

struct GroupLogOptions {
  ClusterId cluster;
  // From which the segments' marks are made; a secret, new for each opening.
  std::uint64_t secret = 0;
  // A longer group makes its segment longer.
  std::uint64_t segmentBytes = 8_MiB;
  // A file grows by this much at once, in zeros, so that most groups are written over bytes that
  // are there. The disk writes them once in a file's life.
  std::uint64_t growBytes = 256_KiB;
  // The newest segment that is known to have been begun: a log without it is not whole. 0: none is.
  std::uint64_t knownSegment = 0;
  // Keeps, durably and not in the log, that this segment has been begun, for knownSegment of the
  // next opening. Called before the first group goes into it; its error is that of open() or
  // append().
  std::function<Result<void>(std::uint64_t number)> noteBegun;
};

class GroupLog {
public:
  // Gets each group that is there, in order, from the oldest that may be needed on.
  using Replay = std::function<Result<void>(TxId txid, ByteView payload)>;

  // Replays, then begins a segment of its own. An empty directory is an empty log, whose first
  // group is `next`, unless a segment is known. CORRUPT, WRONG_CLUSTER, UNSUPPORTED_VERSION,
  // IO_ERROR, or the first error of `replay`; nothing but the last group, as it is, has been
  // written then. Reads a segment into memory at a time.
  static Result<std::unique_ptr<GroupLog>> open(io::Disk& disk, GroupLogOptions options,
                                                const Replay& replay, TxId next);
  GroupLog(const GroupLog&) = delete;
  GroupLog& operator=(const GroupLog&) = delete;

  // Makes the group durable. REQUIRES: txid is that of the group before and one.
  Result<void> append(TxId txid, ByteView payload);
  // The groups up to this one are not needed any more: their segments may be used again. Forgotten
  // in a crash, until the next segment is begun. No I/O.
  void release(TxId txid);

  // The last group; of an empty log the one before `next`.
  TxId last() const { return last_; }
  // Of segments that are needed still.
  std::uint64_t heldBytes() const;
  std::size_t heldSegments() const { return held_.size(); }
  // The last group of the oldest of them, the current one left out; nothing: there is no other.
  std::optional<TxId> oldestEnd() const;

private:
  struct Segment {
    std::string path;
    SegmentHead head;
    TxId end;                      // its last group
    std::uint64_t usedBytes = 0;   // head page and records
    std::uint64_t lastRecord = 0;  // where it begins; only while replaying
  };
  struct Found {
    std::vector<Segment> segments;  // in order of their numbers
    std::vector<std::string> blank;
  };
  GroupLog(io::Disk& disk, GroupLogOptions options) : disk_(disk), options_(options) {}
  Result<Found> findSegments();
  // CORRUPT when the newest segment that is known is not there: the log is lost, or an older one.
  Result<void> checkNewest(const Found& found) const;
  // Keeps those from where replay begins, the others are free. CORRUPT when one is missing.
  Result<void> chooseSegments(Found found);
  Result<void> replay(const Replay& replay, TxId next);
  Result<void> replaySegment(Segment& segment, const Segment* after, const Replay& replay);
  Result<void> rewriteLast(const Segment& segment);
  Result<void> begin(TxId first);
  Result<void> write(TxId txid, ByteView payload);

  io::Disk& disk_;
  const GroupLogOptions options_;
  std::deque<Segment> held_;  // the last one is being written
  std::vector<std::string> free_;
  std::unique_ptr<io::File> file_;
  std::uint64_t fileBytes_ = 0;  // that are there to be written over
  std::uint64_t newestNumber_ = 0;
  TxId last_;
  std::optional<Status> failure_;
};

}  // namespace cairn::nn
