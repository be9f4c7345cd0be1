#include "namenode/ops/append.h"

#include "common/base/limits.h"
#include "namenode/meta/records.h"
#include "namenode/ops/access.h"
#include "namenode/ops/claim_file.h"
#include "namenode/ops/commit_chunk.h"
#include "namenode/ops/create.h"
#include "namenode/ops/lease_rows.h"
#include "namenode/ops/replicas.h"
#include "namenode/ops/resolve.h"

namespace cairn::nn {
namespace {

// After which a copy may be there again: a datanode that was restarted.
constexpr std::uint32_t COPY_RETRY_MS = 1000;

constexpr int PIPELINE_SIZE_MAX = limits::PIPELINE_NODES_MAX;

// Opens the last chunk again. Copies beyond the longest pipeline fall behind; repair sees to them.
Result<void> reopen(Draft& draft, const PlacedFile& file, LastChunk last,
                    const AppendRequest& request, record::Allocation& allocation) {
  record::Chunk& chunk = last.chunk;
  ASSIGN(const auto copies, wholeCopiesOf(draft, last.id, chunk));
  std::string silent;
  for (const NodeId node : copies) {
    if (chunk.pipeline_size() == PIPELINE_SIZE_MAX) break;
    if (request.usable(node, last.id)) {
      chunk.add_pipeline(node.value);
    } else {
      silent += (silent.empty() ? "; datanode " : ", ") + std::to_string(node.value);
    }
  }
  if (chunk.pipeline().empty()) {
    return fail(Code::UNAVAILABLE,
                "append: the last chunk (" + std::to_string(last.id.value) + ") of " +
                    request.path.text() + " is not sufficiently replicated yet" +
                    (silent.empty() ? std::string() : silent + " cannot be reached"),
                COPY_RETRY_MS);
  }
  chunk.set_state(record::CHUNK_UNDER_CONSTRUCTION);
  chunk.set_base_generation(chunk.generation());
  --draft.counts().chunks;
  allocation.set_chunk(last.id.value);
  allocation.set_generation(chunk.generation());
  allocation.set_offset(file.entry.length() - chunk.length());
  allocation.set_codec(file.entry.codec());
  allocation.set_zstd_level(file.entry.zstd_level());
  *allocation.mutable_pipeline() = chunk.pipeline();
  draft.update(Table::CHUNK, chunkKey(last.id), std::move(chunk));
  return {};
}

}  // namespace

Result<Outcome> append(Draft& draft, Context& context, const AppendRequest& request) {
  const Path& path = request.path;
  ASSIGN(auto at, resolve(draft, context.caller, path));
  if (at.entry.has_value() && isDirectory(*at.entry)) {
    return fail(Code::IS_A_DIRECTORY,
                "Cannot append to directory " + path.text() + "; already exists as a directory.");
  }
  if (!at.entry.has_value()) {
    return fail(Code::NOT_FOUND, "Failed to append to non-existent file " + path.text() +
                                     " for client " + context.caller.client.toString());
  }
  PlacedFile file{at.parent->id, std::string(path.name()), std::move(*at.entry)};
  TRY(checkAccess(context.caller, toPathNode(file.entry), Access::WRITE, path.text()));
  if (file.entry.under_construction()) {
    return refuseOpenFile(context, path, file.entry, "APPEND_FILE");
  }
  TRY(checkOpenFiles(context));

  Outcome outcome;
  const record::Dirent before = file.entry;
  if (before.chunk_count() > 0 && !request.newChunk) {
    ASSIGN(auto last, lastChunkOf(draft, file));
    if (last.chunk.length() < before.chunk_size()) {
      TRY(reopen(draft, file, std::move(last), request, *outcome.answer.mutable_allocation()));
    }
  }
  grantLease(draft, InodeId(before.id()), context.caller.client, context.caller.user,
             context.nowMs);
  file.entry.set_under_construction(true);
  *outcome.answer.mutable_entry() = file.entry;
  draft.changeEntry(file.parent, file.name, before, std::move(file.entry));
  return outcome;
}

}  // namespace cairn::nn
