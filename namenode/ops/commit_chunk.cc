#include "namenode/ops/commit_chunk.h"

#include <algorithm>

#include "common/base/limits.h"
#include "namenode/meta/records.h"
#include "namenode/ops/replicas.h"

namespace cairn::nn {

Result<LastChunk> lastChunkOf(const MetaView& view, const PlacedFile& file) {
  const std::uint32_t index = file.entry.chunk_count() - 1;
  const InodeId inode(file.entry.id());
  ASSIGN(const auto link, findFileChunk(view, inode, index));
  if (!link.has_value()) return fail(damagedRow(Table::FILE_CHUNK, fileChunkKey(inode, index)));
  const ChunkId id(link->chunk());
  ASSIGN(auto chunk, findChunk(view, id));
  if (!chunk.has_value()) return fail(damagedRow(Table::CHUNK, chunkKey(id)));
  return LastChunk{id, std::move(*chunk)};
}

Result<void> requireGeneration(const LastChunk& last, GenerationStamp generation) {
  if (last.chunk.generation() == generation.value) return {};
  return fail(Code::STALE, "chunk " + std::to_string(last.id.value) + " has generation " +
                               std::to_string(last.chunk.generation()) + ", not " +
                               std::to_string(generation.value));
}

bool isInPipeline(const record::Chunk& chunk, NodeId node) {
  return std::ranges::find(chunk.pipeline(), node.value) != chunk.pipeline().end();
}

Result<void> checkSealed(ChunkId chunk, std::uint64_t length, std::span<const SealedCopy> sealed) {
  const auto name = "chunk " + std::to_string(chunk.value);
  if (sealed.size() > limits::REPLICATION_MAX) {
    return fail(Code::INVALID_ARGUMENT,
                name + " cannot have " + std::to_string(sealed.size()) + " copies");
  }
  for (const auto& one : sealed) {
    if (!canTake(length, one.storedLength)) {
      return fail(Code::INVALID_ARGUMENT, name + " of " + std::to_string(length) +
                                              " bytes cannot take " +
                                              std::to_string(one.storedLength) + " on disk");
    }
  }
  return {};
}

Result<void> noteSealed(Draft& draft, ChunkId chunk, GenerationStamp generation,
                        std::uint64_t length, const SealedCopy& sealed) {
  record::Replica replica;
  replica.set_generation(generation.value);
  replica.set_length(length);
  replica.set_stored_length(sealed.storedLength);
  return setReplica(draft, chunk, sealed.node, std::move(replica));
}

void settleChunk(Draft& draft, PlacedFile& file, LastChunk last, std::uint64_t length,
                 std::uint64_t storedLength) {
  file.entry.set_length(file.entry.length() - last.chunk.length() + length);
  file.entry.set_stored_length(file.entry.stored_length() - last.chunk.stored_length() +
                               storedLength);
  last.chunk.set_state(record::CHUNK_COMMITTED);
  last.chunk.set_length(length);
  last.chunk.set_stored_length(storedLength);
  last.chunk.clear_pipeline();
  last.chunk.clear_recovery_generation();
  last.chunk.clear_cut();
  last.chunk.clear_cut_length();
  last.chunk.clear_base_generation();
  last.chunk.clear_older();
  draft.update(Table::CHUNK, chunkKey(last.id), std::move(last.chunk));
  ++draft.counts().chunks;
}

Result<void> commitLastChunk(Draft& draft, PlacedFile& file, const ChunkCommit& commit,
                             Outcome& outcome) {
  const auto chunkName = "chunk " + std::to_string(commit.chunk.value);
  if (file.entry.chunk_count() == 0) {
    return fail(Code::INVALID_ARGUMENT, chunkName + " is not of this file, which has none");
  }
  ASSIGN(auto last, lastChunkOf(draft, file));
  if (last.id != commit.chunk) {
    return fail(Code::INVALID_ARGUMENT,
                chunkName + " is not the file's last, which is " + std::to_string(last.id.value));
  }
  TRY(requireGeneration(last, commit.generation));
  if (last.chunk.state() == record::CHUNK_COMMITTED) {
    if (last.chunk.length() == commit.length) return {};
    return fail(Code::INVALID_ARGUMENT, chunkName + " is committed with " +
                                            std::to_string(last.chunk.length()) + " bytes, not " +
                                            std::to_string(commit.length));
  }
  if (commit.length == 0 || commit.length > file.entry.chunk_size()) {
    return fail(Code::INVALID_ARGUMENT, chunkName + " cannot have " +
                                            std::to_string(commit.length) +
                                            " bytes: chunks of this file have 1 to " +
                                            std::to_string(file.entry.chunk_size()));
  }
  if (commit.length < last.chunk.length()) {
    return fail(Code::INVALID_ARGUMENT, chunkName + " has " + std::to_string(last.chunk.length()) +
                                            " bytes at least, not " +
                                            std::to_string(commit.length));
  }
  TRY(checkSealed(last.id, commit.length, commit.sealed));

  // Copies that a datanode has reported by itself, and those the writer names. A node outside the
  // pipeline has no business with this chunk.
  std::uint64_t storedLength = 0;
  std::size_t copies = 0;
  ASSIGN(const auto known, replicasOf(draft, last.id));
  for (const auto& [node, replica] : known) {
    if (replica.generation() == commit.generation.value && replica.length() == commit.length) {
      storedLength = std::max(storedLength, replica.stored_length());
      ++copies;
    } else {
      if (replica.generation() < commit.generation.value) {
        outcome.deletes.push_back({node, last.id, GenerationStamp(replica.generation())});
      }
      TRY(dropReplica(draft, last.id, node, replica));
    }
  }
  for (const auto& sealed : commit.sealed) {
    if (!isInPipeline(last.chunk, sealed.node)) continue;
    storedLength = std::max(storedLength, sealed.storedLength);
    ++copies;
    const bool reported = std::ranges::any_of(known, [&](const KnownReplica& k) {
      return k.node == sealed.node && k.replica.generation() == commit.generation.value &&
             k.replica.length() == commit.length;
    });
    if (reported) continue;
    TRY(noteSealed(draft, last.id, commit.generation, commit.length, sealed));
  }
  if (copies == 0) {
    return fail(Code::NOT_REPLICATED_YET, chunkName + " has no finished replica yet", 200);
  }
  if (copies < file.entry.replication()) outcome.shortChunks.push_back(last.id);
  settleChunk(draft, file, std::move(last), commit.length, storedLength);
  return {};
}

}  // namespace cairn::nn
