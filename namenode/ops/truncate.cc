#include "namenode/ops/truncate.h"

#include <limits>

#include "namenode/meta/records.h"
#include "namenode/ops/access.h"
#include "namenode/ops/claim_file.h"
#include "namenode/ops/commit_chunk.h"
#include "namenode/ops/garbage.h"
#include "namenode/ops/lease_rows.h"
#include "namenode/ops/replicas.h"
#include "namenode/ops/resolve.h"

namespace cairn::nn {
namespace {

// Whether the last chunk of the file is being cut so that the file ends at `length`.
Result<bool> isBeingCut(const MetaView& view, const PlacedFile& file, std::uint64_t length) {
  if (file.entry.chunk_count() == 0 || file.entry.length() != length) return false;
  ASSIGN(const auto last, lastChunkOf(view, file));
  return last.chunk.cut();
}

// Chunks that begin before `length`.
Result<std::uint32_t> chunksBefore(const MetaView& view, const record::Dirent& entry,
                                   std::uint64_t length) {
  std::uint32_t count = entry.chunk_count();
  for (; count > 0; --count) {
    const InodeId file(entry.id());
    ASSIGN(const auto link, findFileChunk(view, file, count - 1));
    if (!link.has_value())
      return fail(damagedRow(Table::FILE_CHUNK, fileChunkKey(file, count - 1)));
    if (link->offset() < length) break;
  }
  return count;
}

// Has the last chunk, which holds the new end of the file, cut on its datanodes.
Result<void> cutLast(Draft& draft, PlacedFile& file, std::uint64_t length) {
  ASSIGN(auto last, lastChunkOf(draft, file));
  record::Chunk& chunk = last.chunk;
  ASSIGN(const auto copies, wholeCopiesOf(draft, last.id, chunk));
  for (const NodeId node : copies) chunk.add_pipeline(node.value);
  const std::uint64_t cutLength = chunk.length() - (file.entry.length() - length);
  chunk.set_state(record::CHUNK_UNDER_CONSTRUCTION);
  chunk.set_base_generation(chunk.generation());
  chunk.set_cut(true);
  chunk.set_cut_length(cutLength);
  chunk.set_length(cutLength);
  --draft.counts().chunks;
  file.entry.set_length(length);
  draft.update(Table::CHUNK, chunkKey(last.id), std::move(chunk));
  return {};
}

}  // namespace

Result<Outcome> truncate(Draft& draft, Context& context, const TruncateRequest& request) {
  const Path& path = request.path;
  ASSIGN(auto at, resolveFile(draft, context.caller, path));
  PlacedFile file{at.parent->id, std::string(path.name()), std::move(*at.entry)};
  TRY(checkAccess(context.caller, toPathNode(file.entry), Access::WRITE, path.text()));
  Outcome outcome;
  if (file.entry.under_construction()) {
    ASSIGN(const bool same, isBeingCut(draft, file, request.length));
    if (same) return outcome;
    return refuseOpenFile(context, path, file.entry, "TRUNCATE_FILE");
  }
  const record::Dirent before = file.entry;
  if (request.length > std::numeric_limits<std::int64_t>::max()) {
    return fail(Code::INVALID_ARGUMENT,
                "Cannot truncate to a negative file size: " +
                    std::to_string(static_cast<std::int64_t>(request.length)) + ".");
  }
  if (request.length > before.length()) {
    return fail(
        Code::INVALID_ARGUMENT,
        "Cannot truncate to a larger file size. Current size: " + std::to_string(before.length()) +
            ", truncate size: " + std::to_string(request.length) + ".");
  }
  outcome.answer.set_flag(true);
  if (request.length == before.length()) return outcome;

  ASSIGN(const std::uint32_t kept, chunksBefore(draft, before, request.length));
  TRY(discardChunks(draft, context.ids, file, kept));
  if (file.entry.length() > request.length) {
    TRY(cutLast(draft, file, request.length));
    takeLease(draft, InodeId(before.id()), context.nowMs, false);
    file.entry.set_under_construction(true);
    outcome.answer.set_flag(false);
  }
  file.entry.set_mtime_ms(context.nowMs);
  draft.changeEntry(file.parent, file.name, before, std::move(file.entry));
  return outcome;
}

}  // namespace cairn::nn
