#include "namenode/ops/concat.h"

#include <unordered_set>
#include <vector>

#include "common/base/limits.h"
#include "namenode/meta/records.h"
#include "namenode/ops/access.h"
#include "namenode/ops/directories.h"
#include "namenode/ops/garbage.h"
#include "namenode/ops/resolve.h"

namespace cairn::nn {
namespace {

std::unexpected<Status> refuse(const std::string& why) { return fail(Code::INVALID_ARGUMENT, why); }

Result<record::Dirent> checkedSource(const MetaView& view, const Caller& caller, const Path& path,
                                     const Path& targetPath, const Resolved& target) {
  ASSIGN(const auto at, resolveFile(view, caller, path));
  const auto parentPath = path.prefix(at.parentDepth);
  TRY(checkSticky(caller, *at.parent, parentPath, toPathNode(*at.entry), path.text()));
  TRY(checkAccess(caller, *at.parent, Access::WRITE, parentPath));
  TRY(checkAccess(caller, toPathNode(*at.entry), Access::READ, path.text()));
  if (at.entry->id() == target.entry->id()) {
    return refuse("concat: the src file " + path.text() + " is the same with the target file " +
                  targetPath.text());
  }
  if (at.parent->id != target.parent->id) {
    return refuse("Source file " + path.text() + " is not in the same directory with the target " +
                  targetPath.text());
  }
  if (at.entry->under_construction() || at.entry->chunk_count() == 0) {
    return refuse("concat: source file " + path.text() +
                  " is invalid or empty or underConstruction");
  }
  if (at.entry->chunk_size() > target.entry->chunk_size()) {
    return refuse("concat: source file " + path.text() + " has preferred block size " +
                  std::to_string(at.entry->chunk_size()) +
                  " which is greater than the target file's preferred block size " +
                  std::to_string(target.entry->chunk_size()));
  }
  return *at.entry;
}

// Hangs the source's chunks behind those of `target`.
Result<void> moveChunks(Draft& draft, const record::Dirent& source, record::Dirent& target) {
  const InodeId from(source.id());
  const InodeId to(target.id());
  for (std::uint32_t i = 0; i < source.chunk_count(); ++i) {
    ASSIGN(auto link, findFileChunk(draft, from, i));
    if (!link.has_value()) return fail(damagedRow(Table::FILE_CHUNK, fileChunkKey(from, i)));
    const ChunkId id(link->chunk());
    ASSIGN(auto chunk, findChunk(draft, id));
    if (!chunk.has_value()) return fail(damagedRow(Table::CHUNK, chunkKey(id)));
    const std::uint32_t index = target.chunk_count();
    chunk->set_inode(to.value);
    chunk->set_index(index);
    link->set_offset(link->offset() + target.length());
    draft.update(Table::CHUNK, chunkKey(id), std::move(*chunk));
    draft.erase(Table::FILE_CHUNK, fileChunkKey(from, i));
    draft.insert(Table::FILE_CHUNK, fileChunkKey(to, index), std::move(*link));
    target.set_chunk_count(index + 1);
  }
  target.set_length(target.length() + source.length());
  target.set_stored_length(target.stored_length() + source.stored_length());
  return {};
}

}  // namespace

Result<Outcome> concat(Draft& draft, Context& context, const ConcatRequest& request) {
  const Path& path = request.target;
  if (request.sources.empty()) return refuse("No sources given");
  ASSIGN(const auto target, resolveFile(draft, context.caller, path));
  TRY(checkAccess(context.caller, toPathNode(*target.entry), Access::WRITE, path.text()));
  if (target.entry->under_construction()) {
    return refuse("concat: target file " + path.text() + " is under construction");
  }
  std::vector<record::Dirent> sources;
  std::unordered_set<std::uint64_t> seen;
  std::uint64_t chunks = target.entry->chunk_count();
  for (const Path& source : request.sources) {
    ASSIGN(auto entry, checkedSource(draft, context.caller, source, path, target));
    if (!seen.insert(entry.id()).second) {
      return refuse("concat: at least two of the source files are the same");
    }
    chunks += entry.chunk_count();
    sources.push_back(std::move(entry));
  }
  if (chunks > limits::CHUNKS_PER_FILE_MAX) {
    return fail(Code::LIMIT_EXCEEDED,
                "File would pass the limit on maximum number of blocks: " + std::to_string(chunks) +
                    " > " + std::to_string(limits::CHUNKS_PER_FILE_MAX));
  }

  record::Dirent after = *target.entry;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    TRY(moveChunks(draft, sources[i], after));
    // It holds no chunks any more: nothing of it is left to be reclaimed.
    sources[i].set_chunk_count(0);
    TRY(discardEntry(draft, target.parent->id, request.sources[i].name(), sources[i]));
  }
  after.set_mtime_ms(context.nowMs);
  draft.changeEntry(target.parent->id, path.name(), *target.entry, std::move(after));
  TRY(touchDirectory(draft, rowOfParent(target, path), -static_cast<int>(sources.size()),
                     context.nowMs, path.prefix(target.parentDepth)));
  return Outcome();
}

}  // namespace cairn::nn
