#include "namenode/ops/garbage.h"

#include "namenode/meta/records.h"
#include "namenode/ops/open_file.h"
#include "namenode/ops/xattrs.h"

namespace cairn::nn {

Result<void> discardEntry(Draft& draft, InodeId parent, std::string_view name,
                          const record::Dirent& entry) {
  const InodeId inode(entry.id());
  draft.removeEntry(parent, name, entry);
  // Without this row whatever is below cannot be reached from the root any more (open_file.h).
  draft.erase(Table::INODE, inodeKey(inode));
  if (entry.under_construction()) {
    ASSIGN(const auto lease, findLease(draft, inode));
    if (lease.has_value()) draft.erase(Table::LEASE, inodeKey(inode));
  }
  if (entry.has_xattrs()) TRY(eraseXAttrs(draft, inode));
  if (entry.chunk_count() == 0 && entry.child_count() == 0) return {};
  record::Garbage garbage;
  garbage.set_kind(entry.kind());
  garbage.set_chunk_count(entry.chunk_count());
  draft.insert(Table::GC, inodeKey(inode), std::move(garbage));
  ++draft.counts().garbage;
  return {};
}

Result<void> discardChunks(Draft& draft, IdAllocator& ids, PlacedFile& file, std::uint32_t kept) {
  const std::uint32_t count = file.entry.chunk_count();
  if (kept >= count) return {};
  const InodeId inode(file.entry.id());
  // Under an inode of their own, which no name leads to: the file may get new chunks at once.
  const InodeId removed = ids.nextInode();
  for (std::uint32_t index = kept; index < count; ++index) {
    ASSIGN(auto link, findFileChunk(draft, inode, index));
    if (!link.has_value()) return fail(damagedRow(Table::FILE_CHUNK, fileChunkKey(inode, index)));
    const ChunkId id(link->chunk());
    ASSIGN(auto chunk, findChunk(draft, id));
    if (!chunk.has_value()) return fail(damagedRow(Table::CHUNK, chunkKey(id)));
    file.entry.set_length(file.entry.length() - chunk->length());
    file.entry.set_stored_length(file.entry.stored_length() - chunk->stored_length());
    chunk->set_inode(removed.value);
    chunk->set_index(index - kept);
    draft.update(Table::CHUNK, chunkKey(id), std::move(*chunk));
    draft.erase(Table::FILE_CHUNK, fileChunkKey(inode, index));
    draft.insert(Table::FILE_CHUNK, fileChunkKey(removed, index - kept), std::move(*link));
  }
  file.entry.set_chunk_count(kept);
  record::Garbage garbage;
  garbage.set_kind(record::FILE);
  garbage.set_chunk_count(count - kept);
  draft.insert(Table::GC, inodeKey(removed), std::move(garbage));
  ++draft.counts().garbage;
  return {};
}

}  // namespace cairn::nn
