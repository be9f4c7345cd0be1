#include "namenode/ops/close_file.h"

#include <algorithm>

#include "namenode/meta/records.h"
#include "namenode/ops/abandon_chunk.h"
#include "namenode/ops/commit_chunk.h"
#include "namenode/ops/directories.h"
#include "namenode/ops/garbage.h"
#include "namenode/ops/open_file.h"
#include "namenode/ops/replicas.h"

namespace cairn::nn {
namespace {

// Keeps or drops the chunk that was being written.
Result<std::vector<ReplicaDelete>> settleLast(Draft& draft, PlacedFile& file) {
  ASSIGN(auto last, lastChunkOf(draft, file));
  if (last.chunk.state() == record::CHUNK_COMMITTED) return std::vector<ReplicaDelete>();
  ASSIGN(const auto known, replicasOf(draft, last.id));
  // Every finished copy was sealed with the writer's own length and checksum, so all are equal.
  const KnownReplica* best = nullptr;
  for (const auto& copy : known) {
    if (copy.replica.generation() != last.chunk.generation() || copy.replica.length() == 0 ||
        copy.replica.length() > file.entry.chunk_size()) {
      continue;
    }
    if (best == nullptr || copy.replica.length() > best->replica.length()) best = &copy;
  }
  if (best == nullptr) return dropLastChunk(draft, file, last);
  settleChunk(draft, file, std::move(last), best->replica.length(), best->replica.stored_length());
  return std::vector<ReplicaDelete>();
}

struct OwnedRow {
  InodeId parent;
  std::string name;
};

// Where a directory's own row stands, found by its inode.
Result<OwnedRow> rowOf(const MetaView& view, InodeId directory) {
  if (directory == ROOT_INODE) return OwnedRow{ROOT_PARENT, ""};
  ASSIGN(auto place, findInode(view, directory));
  if (!place.has_value()) return fail(damagedRow(Table::INODE, inodeKey(directory)));
  return OwnedRow{InodeId(place->parent()), place->name()};
}

}  // namespace

Result<Outcome> closeFile(Draft& draft, UnixMillis nowMs, InodeId inode) {
  Outcome outcome;
  ASSIGN(auto file, findReachableFile(draft, inode));
  ASSIGN(const auto lease, findLease(draft, inode));
  if (lease.has_value()) draft.erase(Table::LEASE, inodeKey(inode));
  if (!file.has_value()) return outcome;
  if (!file->entry.under_construction()) {
    outcome.answer.set_flag(true);
    return outcome;
  }
  const record::Dirent before = file->entry;
  if (before.chunk_count() > 0) {
    ASSIGN(outcome.deletes, settleLast(draft, *file));
  }
  if (file->entry.chunk_count() == 0) {
    // discardEntry would look for the lease again: it is gone.
    file->entry.set_under_construction(false);
    TRY(discardEntry(draft, file->parent, file->name, file->entry));
    ASSIGN(const auto row, rowOf(draft, file->parent));
    TRY(touchDirectory(draft, {row.parent, row.name}, -1, nowMs,
                       describeInode(draft, file->parent)));
    return outcome;
  }
  file->entry.set_under_construction(false);
  file->entry.set_mtime_ms(nowMs);
  draft.changeEntry(file->parent, file->name, before, std::move(file->entry));
  outcome.answer.set_flag(true);
  return outcome;
}

}  // namespace cairn::nn
