// The writer's word that a chunk is finished: part of addChunk and of complete.
// Layer: ops.
#pragma once

#include <cstdint>
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

// Commits the file's last chunk and adds its length to `file.entry`, whose row the caller writes.
// Nothing happens when that chunk is committed already, with this length. INVALID_ARGUMENT (not the
// last chunk, lengths that cannot be, more copies than a chunk can have), STALE (another
// generation), NOT_REPLICATED_YET (no datanode of its pipeline has it).
Result<void> commitLastChunk(Draft& draft, PlacedFile& file, const ChunkCommit& commit);

// What a copy takes on disk at most for each plain byte, generously: 33 bytes where each frame
// holds one, and 140 around them (common/format/FORMAT.md). Sums over a file cannot overflow then.
inline constexpr std::uint64_t STORED_BYTES_A_PLAIN_BYTE_MAX = 1024;

// The last chunk's id and record. REQUIRES: file.entry.chunk_count() > 0.
struct LastChunk {
  ChunkId id;
  record::Chunk chunk;
};
Result<LastChunk> lastChunkOf(const MetaView& view, const PlacedFile& file);

// Marks `last` as committed with these lengths and counts it in `file.entry`.
void settleChunk(Draft& draft, PlacedFile& file, LastChunk last, std::uint64_t length,
                 std::uint64_t storedLength);

}  // namespace cairn::nn
