// What a datanode says of its replicas, against what the namenode knows.
// Layer: ops.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "namenode/ops/context.h"

namespace cairn::nn {

struct ReportedReplica {
  enum class State : std::uint8_t { FINAL, BEING_WRITTEN, DAMAGED, QUARANTINED };
  ChunkId chunk;
  GenerationStamp generation;
  std::uint64_t length = 0;  // plain bytes
  std::uint64_t storedLength = 0;
  State state = State::FINAL;
  std::uint32_t volume = 0;
};

// Whether it has all of the chunk as it was committed. An unfinished one that is damaged never has:
// what is told of it ends before the damage.
bool isWholeCopy(const record::Chunk& chunk, const ReportedReplica& report);

// Who reports, and what is needed to judge it.
struct Reporter {
  NodeId node;
  Epoch epoch;        // the current one
  TxId registeredAt;  // its registration is not older than this group
  const IdAllocator& ids;
};

// Takes one report in; orders the delete of copies nobody needs: of a chunk that was removed, or of
// an older generation (a finished one outside the pipeline of a chunk that is being written again
// is kept until that is committed). Whatever cannot be explained (an id that was never handed out,
// a generation that is not on record: it may have been promised) is left alone and kept on the
// datanode: destroying needs a reason.
Result<void> reportReplica(Draft& draft, const Reporter& from, const ReportedReplica& report,
                           std::vector<ReplicaDelete>& deletes);

// A copy that is no longer there.
Result<void> reportRemoved(Draft& draft, NodeId node, ChunkId chunk, GenerationStamp generation);

// The full truth about one range of a datanode's inventory: what was known besides is forgotten,
// but for copies that a writer has named since the datanode registered and that it has not reported
// yet: its own word of them is under way. What was named before, it had sealed before. O(range).
Result<void> reportRange(Draft& draft, const Reporter& from, std::uint64_t range,
                         std::span<const ReportedReplica> reports,
                         std::vector<ReplicaDelete>& deletes);

}  // namespace cairn::nn
