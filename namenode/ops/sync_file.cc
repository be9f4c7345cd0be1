#include "namenode/ops/sync_file.h"

#include "namenode/meta/records.h"

namespace cairn::nn {

Result<Outcome> syncFile(Draft& draft, Context& context, const SyncFileRequest& request) {
  ASSIGN(auto open, requireOpenChunk(draft, context.caller, request.file, request.chunk.chunk));
  TRY(requireGeneration(open.last, request.chunk.generation));
  if (request.length > open.file.entry.chunk_size()) {
    return fail(Code::INVALID_ARGUMENT,
                "chunk " + std::to_string(open.last.id.value) + " cannot have " +
                    std::to_string(request.length) + " bytes: chunks of this file have " +
                    std::to_string(open.file.entry.chunk_size()) + " at most");
  }
  const record::Dirent before = open.file.entry;
  if (!raiseKnownLength(open, request.length)) return Outcome();
  draft.changeEntry(open.file.parent, open.file.name, before, std::move(open.file.entry));
  draft.update(Table::CHUNK, chunkKey(open.last.id), std::move(open.last.chunk));
  return Outcome();
}

}  // namespace cairn::nn
