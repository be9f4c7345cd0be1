#include "namenode/ops/complete.h"

#include "namenode/meta/records.h"
#include "namenode/ops/close_file.h"
#include "namenode/ops/open_file.h"

namespace cairn::nn {
namespace {

// Whether the file was closed with just this last chunk: a call repeated after its answer was lost.
Result<bool> closedWith(const MetaView& view, const PlacedFile& file, const ChunkCommit& commit) {
  if (file.entry.under_construction()) return false;
  if (file.entry.chunk_count() == 0 || !commit.chunk) return false;
  ASSIGN(const auto last, lastChunkOf(view, file));
  return last.id == commit.chunk && last.chunk.generation() == commit.generation.value &&
         last.chunk.length() == commit.length;
}

}  // namespace

Result<Outcome> complete(Draft& draft, Context& context, const CompleteRequest& request) {
  Outcome outcome;
  auto open = requireOpenFile(draft, context.caller, request.file);
  if (!open.has_value() && open.error().code() == Code::LEASE_EXPIRED) {
    ASSIGN(auto file, findReachableFile(draft, request.file));
    if (file.has_value()) {
      ASSIGN(const bool repeated, closedWith(draft, *file, request.last));
      if (repeated) {
        *outcome.answer.mutable_entry() = std::move(file->entry);
        return outcome;
      }
    }
  }
  ASSIGN(auto file, std::move(open));
  const record::Dirent before = file.entry;
  if (request.last.chunk) {
    TRY(commitLastChunk(draft, file, request.last, outcome));
  } else if (file.entry.chunk_count() > 0) {
    ASSIGN(const auto last, lastChunkOf(draft, file));
    if (last.chunk.state() != record::CHUNK_COMMITTED) {
      return fail(Code::INVALID_ARGUMENT, "chunk " + std::to_string(last.id.value) +
                                              " is still being written: commit or abandon it");
    }
  }
  *outcome.answer.mutable_entry() = closeFile(draft, std::move(file), before, context.nowMs);
  return outcome;
}

}  // namespace cairn::nn
