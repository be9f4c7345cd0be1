// Which chunks may have more or fewer replicas than wanted and are to be looked at, and which
// copies are being made. Layer: repair (pure).  Threads: one.  Cost: O(log n) for
// each chunk that a call concerns.
//
// In memory only, and bounded: what does not fit, or is lost in a restart, is found again by the
// census, which looks at every chunk (ops/count_replicas.h). All times are
// io::Clock::monotonicMs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "common/base/ids.h"
#include "common/base/units.h"

namespace cairn::nn {

// Why a chunk is looked at, most urgent first.
enum class RepairNeed : std::uint8_t {
  LAST_COPY,  // one good copy is left
  SHORT,      // fewer than wanted
  ONE_RACK,   // enough, but all on one rack
  UNSURE,     // perhaps more than wanted, or something about it has changed
  // Was looked at a moment ago, and had copies that their datanodes had not confirmed.
  UNCONFIRMED,
};

class RepairBook {
public:
  // Chunks waiting, at most; about 150 bytes each.
  static constexpr std::size_t CHUNKS_MAX = 200'000;
  // Files whose chunks are to be looked at, at most.
  static constexpr std::size_t FILES_MAX = 100'000;
  // Copies that one datanode has to make at a time: enough to be busy for a few heartbeats, few
  // enough to be over soon when something more urgent comes. The last one may go beyond the bytes.
  static constexpr std::size_t COPIES_PER_NODE_MAX = 256;
  static constexpr std::uint64_t BYTES_PER_NODE_MAX = 1_GiB;
  // After which a copy is given up (HDFS's pending timeout), and what it may take besides: 4 MiB/s.
  static constexpr std::int64_t COPY_MS = 300'000;
  static constexpr std::uint64_t COPY_BYTES_PER_MS = 4_MiB / 1000;
  // Before a chunk whose copy failed is looked at again; twice as long each time.
  static constexpr std::int64_t RETRY_MS_FIRST = 5'000;
  static constexpr std::int64_t RETRY_MS_MAX = 60'000;
  // Taken from those that are to be looked at later, each time.
  static constexpr std::size_t DUE_A_TIME = 1'000;

  // --- What is to be looked at ---

  // Now, unless it waits already, or for a retry. When there are too many, the least urgent one is
  // forgotten.
  void review(ChunkId chunk, RepairNeed need);
  // In so many milliseconds, unless it waits already.
  void reviewLater(ChunkId chunk, RepairNeed need, std::int64_t nowMs, std::int64_t delayMs);
  // The chunks of a file, whose wanted number has changed.
  void reviewFile(InodeId file);
  // Takes out the most urgent chunk that is due; with `enoughCopies`, of those alone that probably
  // need no other copy.
  std::optional<std::pair<ChunkId, RepairNeed>> next(std::int64_t nowMs, bool enoughCopies = false);
  // A file, and the chunk to begin with.
  struct FileReview {
    InodeId file;
    std::uint32_t index = 0;
  };
  // Takes out the oldest.
  std::optional<FileReview> nextFile();
  // The rest of it comes next.
  void putBack(const FileReview& review) { files_.push_front(review); }
  std::size_t waiting() const { return waiting_.size() + later_.size() + files_.size(); }

  // --- Copies under way ---

  // Whether the datanode has as many as it gets.
  bool isBusy(NodeId target) const;
  void begin(ChunkId chunk, NodeId target, std::uint64_t bytes, std::int64_t nowMs);
  // The copy is there. False when it was not under way.
  bool arrived(ChunkId chunk, NodeId target);
  // It could not be made: the chunk is looked at again later. Nothing when it was not under way.
  void failed(ChunkId chunk, NodeId target, std::int64_t nowMs);
  // It cannot be ordered any more: the chunk is looked at again now. Nothing when it was not under
  // way.
  void withdraw(ChunkId chunk, NodeId target);
  // The datanode has begun anew, or is gone: the chunks of its copies are looked at again.
  void endAll(NodeId target);
  // The same of copies that take too long.
  void endOverdue(std::int64_t nowMs);
  // The datanodes that are making copies of this chunk.
  std::vector<NodeId> targetsOf(ChunkId chunk) const;
  std::size_t copies() const { return copies_.size(); }
  // Copies that were not made, so far.
  std::uint64_t lost() const { return lost_; }

private:
  struct Later {
    std::int64_t dueMs = 0;
    RepairNeed need = RepairNeed::UNSURE;
  };
  struct Copy {
    std::uint64_t bytes = 0;
    std::int64_t untilMs = 0;
  };
  struct Load {
    std::set<ChunkId> chunks;
    std::uint64_t bytes = 0;
  };
  using Copies = std::map<std::pair<ChunkId, NodeId>, Copy>;

  void erase(Copies::iterator copy);
  // It was not made, for no fault of the chunk.
  void lose(Copies::iterator copy);
  void takeDue(std::int64_t nowMs);

  std::set<std::pair<RepairNeed, ChunkId>> waiting_;
  std::unordered_map<ChunkId, RepairNeed> needs_;  // of those waiting
  std::unordered_map<ChunkId, Later> later_;
  std::set<std::pair<std::int64_t, ChunkId>> due_;  // of those later
  std::unordered_map<ChunkId, unsigned> failures_;  // in a row
  std::deque<FileReview> files_;
  Copies copies_;
  std::set<std::pair<std::int64_t, Copies::key_type>> deadlines_;
  std::map<NodeId, Load> loads_;  // of targets
  std::uint64_t lost_ = 0;
};

}  // namespace cairn::nn
