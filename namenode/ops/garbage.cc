#include "namenode/ops/garbage.h"

#include "namenode/meta/records.h"

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
  if (entry.chunk_count() == 0 && entry.child_count() == 0) return {};
  record::Garbage garbage;
  garbage.set_kind(entry.kind());
  garbage.set_chunk_count(entry.chunk_count());
  draft.insert(Table::GC, inodeKey(inode), std::move(garbage));
  ++draft.counts().garbage;
  return {};
}

}  // namespace cairn::nn
