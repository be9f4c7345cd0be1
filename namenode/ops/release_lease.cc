#include "namenode/ops/release_lease.h"

#include "namenode/meta/records.h"
#include "namenode/ops/abandon_chunk.h"
#include "namenode/ops/close_file.h"
#include "namenode/ops/commit_chunk.h"
#include "namenode/ops/lease_rows.h"
#include "namenode/ops/open_file.h"
#include "namenode/ops/replicas.h"

namespace cairn::nn {
namespace {

// Whether no datanode was ever given this chunk: nothing of it can be anywhere.
Result<bool> isNowhere(const MetaView& view, const LastChunk& last) {
  if (last.chunk.length() > 0 || !last.chunk.pipeline().empty()) return false;
  ASSIGN(const auto known, replicasOf(view, last.id));
  return known.empty();
}

}  // namespace

Result<Outcome> releaseLease(Draft& draft, UnixMillis nowMs, InodeId inode) {
  Outcome outcome;
  ASSIGN(auto file, findReachableFile(draft, inode));
  ASSIGN(const auto lease, findLease(draft, inode));
  if (!file.has_value() || !file->entry.under_construction()) {
    if (lease.has_value()) draft.erase(Table::LEASE, inodeKey(inode));
    outcome.answer.set_flag(file.has_value());
    return outcome;
  }
  const record::Dirent before = file->entry;
  if (before.chunk_count() > 0) {
    ASSIGN(const auto last, lastChunkOf(draft, *file));
    if (last.chunk.state() != record::CHUNK_COMMITTED) {
      ASSIGN(const bool nowhere, isNowhere(draft, last));
      if (!nowhere) {
        if (!lease.has_value() || !isNamenodes(*lease)) {
          takeLease(draft, inode, nowMs, lease.has_value());
        }
        return outcome;
      }
      ASSIGN(outcome.deletes, dropLastChunk(draft, *file, last));
    }
  }
  // A file under construction without a lease: of damaged tables. Closed all the same.
  if (!lease.has_value()) takeLease(draft, inode, nowMs, false);
  closeFile(draft, std::move(*file), before, nowMs);
  outcome.answer.set_flag(true);
  return outcome;
}

}  // namespace cairn::nn
