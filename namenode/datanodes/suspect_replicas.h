// Copies that a reader found damaged. Readers are sent to them last; the datanode is told to read
// them whole, and its answer settles the matter: good (it is trusted again), damaged and put aside
// (its place is forgotten), or gone. One that is damaged and cannot be done without stays in its
// place and here, and is looked at again once a day, or when it may be needed no more. A copy that
// becomes one of a newer generation keeps its frames, and so stays suspect. Only a verification of
// the generation that is suspect clears it. Layer: datanodes (pure).
// Threads: one.  In memory: after a restart a reader finds out again. All times are
// io::Clock::monotonicMs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "common/base/ids.h"

namespace cairn::nn {

class SuspectReplicas {
public:
  // Kept at most; what is reported above it is not remembered. About 100 bytes each.
  static constexpr std::size_t MAX = 100'000;
  // A datanode that has not answered is asked again after this: the order may have been lost, or it
  // has gigabytes to read.
  static constexpr std::int64_t REPEAT_MS = 600'000;

  // One that its datanode has found damaged is not read again before this, unless to put it aside.
  static constexpr std::int64_t CONFIRMED_MS = 24 * 3'600'000;

  struct Due {
    ChunkId chunk;
    GenerationStamp generation;
    bool confirmed = false;  // its datanode has found it damaged not long ago
  };

  // False when it is known already, or nothing more is remembered. One that is known in an older
  // generation is suspect in this one from now on.
  bool add(NodeId node, ChunkId chunk, GenerationStamp generation);
  bool contains(NodeId node, ChunkId chunk) const { return all_.contains({node, chunk}); }
  std::size_t size() const { return all_.size(); }

  // What this datanode is to verify now, at most `max`, noted as asked for.
  std::vector<Due> takeDue(NodeId node, std::int64_t nowMs, std::size_t max);
  // The datanode was asked, and says that the copy of this generation is damaged.
  void confirm(NodeId node, ChunkId chunk, GenerationStamp generation, std::int64_t nowMs);
  // The datanode says that the copy of this generation is good. Counts only after it was asked:
  // what it has said before is what the reader has contradicted. Whether it counted.
  bool trust(NodeId node, ChunkId chunk, GenerationStamp generation);
  // The copy counts no more: gone, or damaged for certain up to this generation.
  void forget(NodeId node, ChunkId chunk) { all_.erase({node, chunk}); }
  void forget(NodeId node, ChunkId chunk, GenerationStamp generation);
  // Something about the chunk's copies has changed: due now, if it is suspect. What its datanode
  // has found stands.
  void lookAgain(NodeId node, ChunkId chunk);
  // The datanode has started anew: what it was asked is lost.
  void askAgain(NodeId node);
  // The datanode is no more.
  void forgetAll(NodeId node);

private:
  struct Suspect {
    GenerationStamp generation;
    bool asked = false;
    std::int64_t askedMs = 0;
    std::optional<std::int64_t> confirmedMs;
  };
  using Suspects = std::map<std::pair<NodeId, ChunkId>, Suspect>;
  Suspects all_;
};

}  // namespace cairn::nn
