// abandonChunk: takes back the last chunk of an open file, which could not be written.
// Layer: ops.
#pragma once

#include "namenode/ops/context.h"

namespace cairn::nn {

struct AbandonChunkRequest {
  InodeId file;
  ChunkId chunk;
  GenerationStamp generation;
};

// deletes: the copies that may exist. Nothing happens when the file has no such chunk any more (a
// repeated call). INVALID_ARGUMENT when it is committed, not the last, or known to hold bytes (of
// an append, synced, or acknowledged by a rebuilt pipeline); NOT_FOUND, LEASE_EXPIRED.
Result<Outcome> abandonChunk(Draft& draft, Context& context, const AbandonChunkRequest& request);

// Takes the last chunk, uncommitted, out of the file; returns the copies that may exist.
// `file.entry` is changed; its row is the caller's business.
struct PlacedFile;
struct LastChunk;
Result<std::vector<ReplicaDelete>> dropLastChunk(Draft& draft, PlacedFile& file,
                                                 const LastChunk& last);

}  // namespace cairn::nn
