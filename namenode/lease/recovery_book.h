// Which files' last chunks are being recovered, and when which datanode is to be told to do it.
// Layer: lease (pure).  Threads: one.  Cost: a hash look-up; due() walks all files in recovery.
//
// A recovery is over when its outcome is committed (ops/commit_recovery.h) and nothing else ends
// it: commands get lost, primaries die, datanodes that have the chunk are away for days. So each
// attempt has a time limit, after which the next is made, with a new generation and another
// primary. In memory only: which files are in recovery follows from table lease (those that the
// namenode holds), and an attempt that a restart interrupts is made again.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "common/base/ids.h"

namespace cairn::nn {

struct RecoveryLimits {
  // For datanodes that are not there but not given up either: one that is being restarted may have
  // bytes that no other has on its disk.
  std::int64_t waitForNodesMs = 10'000;
  // Of an attempt: three heartbeats, and time to work. Then twice as long each time: to cut a chunk
  // of 8 GiB means to copy it, and an attempt that is overtaken has to begin anew.
  std::int64_t attemptMs = 10'000;
  std::int64_t attemptMaxMs = 320'000;
  // After which an outcome "nobody has a byte of it" is believed, of a chunk of which no byte is
  // known to have been there, even if a datanode that may have some is still away. HDFS believes it
  // at once.
  std::int64_t believeEmptyMs = 60'000;
  // After which replicas that are lost with a volume of a datanode which is there are given up. As
  // long as a datanode that is away is waited for: the one comes back with the other's restart.
  std::int64_t lostMs = 630'000;
};

class RecoveryBook {
public:
  // A datanode that may have the chunk.
  struct Node {
    NodeId node;
    bool live = false;  // can be told and asked now
    bool gone = false;  // given up: not waited for
    // Has only a copy from before the chunk was opened for writing.
    bool older = false;
  };
  // The primary is one of those that are asked.
  struct Attempt {
    NodeId primary;
    std::vector<NodeId> nodes;  // to be asked
    std::vector<NodeId>
        older;  // to be asked for what they had before; none while others are awaited
    bool withoutLost = false;  // what is lost with a volume is not waited for any more
  };

  explicit RecoveryBook(RecoveryLimits limits = {}) : limits_(limits) {}

  // All times: State::awakeMs.
  // The file is in recovery from now on; nothing if it is already.
  void begin(InodeId file, std::int64_t nowMs) { files_.try_emplace(file, File{.beganMs = nowMs}); }
  void end(InodeId file) { files_.erase(file); }
  // No attempt can be made now (safe mode), nor has any datanode been waited for: all waits but
  // those of attempts that were made begin anew. To be called again and again, until they can.
  void notYet(std::int64_t nowMs);
  bool contains(InodeId file) const { return files_.contains(file); }
  std::size_t size() const { return files_.size(); }

  // Files to make an attempt for: never tried, out of time, or its primary is not `live(NodeId)`
  // any more. At most `max`, those that have waited longest first.
  template <typename Live>
  std::vector<InodeId> due(std::int64_t nowMs, std::size_t max, Live&& live) const;
  // The next attempt, noted as made now; nothing while it is better to wait: no node is there, or
  // one is still awaited. `nodes`: those that may have the chunk; for one that is not older, and is
  // not given up, the older ones are kept waiting without end: it may have what was written since.
  // REQUIRES: contains(file).
  std::optional<Attempt> attempt(InodeId file, std::span<const Node> nodes, std::int64_t nowMs);
  // Whether to believe of the present attempt that nobody has a byte.
  bool believesEmpty(InodeId file, std::int64_t nowMs) const;

private:
  struct File {
    std::int64_t beganMs = 0;
    std::int64_t untilMs = 0;  // of the present attempt
    std::uint32_t attempts = 0;
    NodeId primary;
    bool allAsked = false;  // all that are not given up
  };
  static std::vector<InodeId> longestFirst(std::vector<std::pair<std::int64_t, InodeId>> due,
                                           std::size_t max);

  RecoveryLimits limits_;
  std::unordered_map<InodeId, File> files_;
};

template <typename Live>
std::vector<InodeId> RecoveryBook::due(std::int64_t nowMs, std::size_t max, Live&& live) const {
  std::vector<std::pair<std::int64_t, InodeId>> due;
  for (const auto& [inode, file] : files_) {
    const bool lost = file.primary && !live(file.primary);
    if (nowMs >= file.untilMs || lost) due.emplace_back(file.untilMs, inode);
  }
  return longestFirst(std::move(due), max);
}

}  // namespace cairn::nn
