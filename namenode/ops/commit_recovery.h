// commitRecovery: the outcome of a chunk's recovery, as its primary tells it.
// Layer: ops.
#pragma once

#include <vector>

#include "namenode/ops/commit_chunk.h"
#include "namenode/ops/context.h"

namespace cairn::nn {

struct CommitRecoveryRequest {
  ChunkId chunk;
  GenerationStamp newGeneration;
  std::uint64_t length = 0;        // plain bytes
  std::vector<SealedCopy> sealed;  // final now, of the new generation
  // Whether nobody else can have bytes of it: all that may were asked, or are given up. Matters
  // only where no byte is known to have been there.
  bool allAsked = false;
};

// Commits the chunk with this generation and length and closes its file; all other copies go to
// `deletes`. Where no byte survived, and none is known to have been there, the chunk is dropped and
// the file closed without it. answer.entry: the file, closed. Nothing happens, and it is no error,
// when this outcome is on record already (a repeated call).
// NOT_FOUND: the chunk, or its file, was removed. STALE: another recovery was begun since, or
// ended. INVALID_ARGUMENT: a length that cannot be. UNAVAILABLE: bytes that are known to have been
// there, or may be, are on none of the copies: they are not given up, whoever was asked, and the
// recovery goes on. Chunk
// and file are as before on each of these.
Result<Outcome> commitRecovery(Draft& draft, UnixMillis nowMs,
                               const CommitRecoveryRequest& request);

}  // namespace cairn::nn
