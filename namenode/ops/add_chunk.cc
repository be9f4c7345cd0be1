#include "namenode/ops/add_chunk.h"

#include <algorithm>

#include "common/base/limits.h"
#include "namenode/meta/records.h"
#include "namenode/ops/open_file.h"

namespace cairn::nn {

Result<Outcome> addChunk(Draft& draft, Context& context, const AddChunkRequest& request,
                         std::span<const Candidate> nodes, const Dice& dice) {
  ASSIGN(auto file, requireOpenFile(draft, context.caller, request.file));
  const record::Dirent before = file.entry;
  const std::uint32_t index = before.chunk_count();
  Outcome outcome;
  if (request.previous.chunk) {
    TRY(commitLastChunk(draft, file, request.previous, outcome));
  } else if (index > 0) {
    ASSIGN(const auto last, lastChunkOf(draft, file));
    if (last.chunk.state() != record::CHUNK_COMMITTED) {
      return fail(Code::INVALID_ARGUMENT,
                  "chunk " + std::to_string(last.id.value) +
                      " is still being written: commit or abandon it before the next");
    }
  }
  if (index >= limits::CHUNKS_PER_FILE_MAX) {
    return fail(Code::LIMIT_EXCEEDED,
                "File has reached the limit on maximum number of blocks: " + std::to_string(index) +
                    " >= " + std::to_string(limits::CHUNKS_PER_FILE_MAX));
  }
  ASSIGN(const auto pipeline,
         choosePipeline(nodes,
                        {.replicas = std::min(before.replication(), limits::PIPELINE_NODES_MAX),
                         .localNode = request.localNode,
                         .machine = request.machine,
                         .excluded = request.excluded,
                         .chunkBytes = before.chunk_size(),
                         .patient = true},
                        dice));

  auto& allocation = *outcome.answer.mutable_allocation();
  allocation.set_chunk(context.ids.nextChunk().value);
  allocation.set_generation(context.ids.nextGeneration().value);
  allocation.set_offset(file.entry.length());
  allocation.set_codec(before.codec());
  allocation.set_zstd_level(before.zstd_level());

  record::Chunk chunk;
  chunk.set_inode(request.file.value);
  chunk.set_index(index);
  chunk.set_generation(allocation.generation());
  chunk.set_state(record::CHUNK_UNDER_CONSTRUCTION);
  chunk.set_base_generation(allocation.generation());
  for (const NodeId node : pipeline) {
    allocation.add_pipeline(node.value);
    chunk.add_pipeline(node.value);
  }
  draft.insert(Table::CHUNK, chunkKey(ChunkId(allocation.chunk())), std::move(chunk));
  record::FileChunk link;
  link.set_chunk(allocation.chunk());
  link.set_offset(allocation.offset());
  draft.insert(Table::FILE_CHUNK, fileChunkKey(request.file, index), std::move(link));

  file.entry.set_chunk_count(index + 1);
  draft.changeEntry(file.parent, file.name, before, std::move(file.entry));
  return outcome;
}

}  // namespace cairn::nn
