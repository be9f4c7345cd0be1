// Chunk recovery, the namenode's side: what has to be done so that a file whose writer is gone, or
// that was truncated inside a chunk, can be closed.
// Layer: ops.
//
// The state stands in rows: the file's lease is the namenode's (release_lease.h, truncate.h), its
// last chunk is under construction, `recovery_generation` is that of the attempt begun last, `cut`
// and `cut_length` say what a truncation wants. An attempt: beginRecovery() picks a new generation;
// the primary, one of the chunk's datanodes, agrees with the others on a length, has them make
// their copies final with the new generation, and tells commitRecovery() (commit_recovery.h).
// Whatever is lost on the way, another attempt with a higher generation overtakes.
//
// What was closed or synced, chunk.length() plain bytes, is never given up here: the order names it
// as the least, and an outcome with less is refused. When no node of the chunk has as much, and
// none of them is only away, copies from before the present writing do. Without these the file
// stays open until a node comes back, or somebody removes the file.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "namenode/lease/recovery_order.h"
#include "namenode/ops/commit_chunk.h"
#include "namenode/ops/context.h"
#include "namenode/ops/open_file.h"

namespace cairn::nn {

// A chunk to be recovered.
struct RecoveryTarget {
  PlacedFile file;
  LastChunk last;
  // The datanodes that may have a copy of the recorded generation, or of one that was promised for
  // it: its pipeline, and those with such a copy on record.
  std::vector<NodeId> nodes;
  // Others, with a copy from before its pipeline was recorded that has all bytes which are known to
  // have been there (olderCopiesOf() in replicas.h), or had one when an earlier attempt asked them.
  std::vector<NodeId> older;
};

// Nothing when the file was removed, is closed, or is not the namenode's.
Result<std::optional<RecoveryTarget>> findRecovery(const MetaView& view, InodeId file);

// Begins an attempt that asks `nodes` and `older`. The order may be given once the draft is
// durable: its generation must not be promised twice.
RecoveryOrder beginRecovery(Draft& draft, IdAllocator& ids, RecoveryTarget target,
                            std::vector<NodeId> nodes, std::vector<NodeId> older = {});

// Whether a recovery may make the chunk's copy on this datanode final.
bool takesPart(const record::Chunk& chunk, NodeId node);

}  // namespace cairn::nn
