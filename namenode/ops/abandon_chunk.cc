#include "namenode/ops/abandon_chunk.h"

#include <algorithm>

#include "namenode/meta/records.h"
#include "namenode/ops/commit_chunk.h"
#include "namenode/ops/open_file.h"
#include "namenode/ops/replicas.h"

namespace cairn::nn {

Result<std::vector<ReplicaDelete>> dropLastChunk(Draft& draft, PlacedFile& file,
                                                 const LastChunk& last) {
  std::vector<ReplicaDelete> deletes;
  const auto order = [&](NodeId node, GenerationStamp generation) {
    const ReplicaDelete one{node, last.id, generation};
    if (std::ranges::find(deletes, one) == deletes.end()) deletes.push_back(one);
  };
  ASSIGN(const auto known, replicasOf(draft, last.id));
  for (const auto& [node, replica] : known) {
    order(node, GenerationStamp(replica.generation()));
    TRY(dropReplica(draft, last.id, node, replica));
  }
  for (const auto node : last.chunk.pipeline()) {
    order(NodeId(node), GenerationStamp(last.chunk.generation()));
  }
  draft.erase(Table::CHUNK, chunkKey(last.id));
  draft.erase(Table::FILE_CHUNK, fileChunkKey(InodeId(file.entry.id()), last.chunk.index()));
  file.entry.set_chunk_count(file.entry.chunk_count() - 1);
  file.entry.set_length(file.entry.length() - last.chunk.length());
  file.entry.set_stored_length(file.entry.stored_length() - last.chunk.stored_length());
  return deletes;
}

Result<Outcome> abandonChunk(Draft& draft, Context& context, const AbandonChunkRequest& request) {
  ASSIGN(auto file, requireOpenFile(draft, context.caller, request.file));
  Outcome outcome;
  ASSIGN(const auto chunk, findChunk(draft, request.chunk));
  if (!chunk.has_value()) return outcome;
  if (chunk->inode() != request.file.value || chunk->index() + 1 != file.entry.chunk_count() ||
      chunk->state() == record::CHUNK_COMMITTED) {
    return fail(Code::INVALID_ARGUMENT, "chunk " + std::to_string(request.chunk.value) +
                                            " is not one that is being written to this file");
  }
  const LastChunk last{request.chunk, *chunk};
  TRY(requireGeneration(last, request.generation));
  if (chunk->length() > 0) {
    return fail(Code::INVALID_ARGUMENT, "chunk " + std::to_string(request.chunk.value) + " has " +
                                            std::to_string(chunk->length()) +
                                            " bytes that must not get lost");
  }
  const record::Dirent before = file.entry;
  ASSIGN(outcome.deletes, dropLastChunk(draft, file, last));
  draft.changeEntry(file.parent, file.name, before, std::move(file.entry));
  return outcome;
}

}  // namespace cairn::nn
