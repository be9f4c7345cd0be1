// The writer's word that a chunk is finished: part of addChunk and of complete.
// Layer: ops.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "common/base/ids.h"
#include "common/base/result.h"
#include "namenode/ops/context.h"
#include "namenode/ops/open_file.h"

namespace cairn::nn {

struct SealedCopy {
  NodeId node;
  std::uint64_t storedLength = 0;
};

// chunk 0: nothing to commit.
struct ChunkCommit {
  ChunkId chunk;
  GenerationStamp generation;
  std::uint64_t length = 0;  // plain bytes
  std::vector<SealedCopy> sealed;
};

// Commits the file's last chunk and counts its length in `file.entry`, whose row the caller writes;
// copies of older generations go to `outcome.deletes`, and the chunk to `outcome.shortChunks` when
// it has fewer copies than the file wants. Nothing happens when that chunk is committed
// already, with this length. INVALID_ARGUMENT (not the last chunk, lengths that cannot be or are
// shorter than what is known to be there, more copies than a chunk can have), STALE (another
// generation than the recorded one: of a writer before a recovery, or of a pipeline that was never
// recorded), NOT_REPLICATED_YET (no datanode of its pipeline has it).
Result<void> commitLastChunk(Draft& draft, PlacedFile& file, const ChunkCommit& commit,
                             Outcome& outcome);

// What a copy takes on disk at most for each plain byte, generously: 33 bytes where each frame
// holds one, and 140 around them (common/format/FORMAT.md). Sums over a file cannot overflow then.
inline constexpr std::uint64_t STORED_BYTES_A_PLAIN_BYTE_MAX = 1024;
inline bool canTake(std::uint64_t length, std::uint64_t storedLength) {
  return storedLength / STORED_BYTES_A_PLAIN_BYTE_MAX <= length;
}

// Whether readers may take the chunk's length on record for its end: it is committed, or being cut,
// which leaves what is before the cut as it is.
inline bool hasKnownEnd(const record::Chunk& chunk) {
  return chunk.state() == record::CHUNK_COMMITTED || chunk.cut();
}

// The last chunk's id and record. REQUIRES: file.entry.chunk_count() > 0.
struct LastChunk {
  ChunkId id;
  record::Chunk chunk;
};
Result<LastChunk> lastChunkOf(const MetaView& view, const PlacedFile& file);
// STALE unless the chunk has this generation on record.
Result<void> requireGeneration(const LastChunk& last, GenerationStamp generation);
// Whether the chunk is being written, or recovered, on this datanode.
bool isInPipeline(const record::Chunk& chunk, NodeId node);

// INVALID_ARGUMENT: more copies than a chunk can have, or one that cannot take so much on disk.
// `length`: plain bytes of each.
Result<void> checkSealed(ChunkId chunk, std::uint64_t length, std::span<const SealedCopy> sealed);
// Notes the copy that was sealed with this generation and length.
Result<void> noteSealed(Draft& draft, ChunkId chunk, GenerationStamp generation,
                        std::uint64_t length, const SealedCopy& sealed);

// Marks `last` as committed with these lengths, in place of what was known of them before, and
// counts them in `file.entry`.
void settleChunk(Draft& draft, PlacedFile& file, LastChunk last, std::uint64_t length,
                 std::uint64_t storedLength);

}  // namespace cairn::nn
