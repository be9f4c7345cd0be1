#include "namenode/ops/reclaim.h"

#include <algorithm>
#include <string>

#include "namenode/meta/records.h"
#include "namenode/ops/garbage.h"
#include "namenode/ops/replicas.h"

namespace cairn::nn {
namespace {

Result<void> freeChunk(Draft& draft, ChunkId id, std::vector<ReplicaDelete>& deletes) {
  ASSIGN(const auto chunk, findChunk(draft, id));
  if (!chunk.has_value()) return {};
  ASSIGN(const auto known, replicasOf(draft, id));
  for (const auto& [node, replica] : known) {
    deletes.push_back({node, id, GenerationStamp(replica.generation())});
    TRY(dropReplica(draft, id, node, replica));
  }
  for (const auto node : chunk->pipeline()) {
    if (std::ranges::none_of(known, [&](const auto& k) { return k.node.value == node; })) {
      deletes.push_back({NodeId(node), id, GenerationStamp(chunk->generation())});
    }
  }
  if (chunk->state() == record::CHUNK_COMMITTED) --draft.counts().chunks;
  draft.erase(Table::CHUNK, chunkKey(id));
  return {};
}

// True when the file holds nothing any more.
Result<bool> reclaimFile(Draft& draft, InodeId file, record::Garbage& garbage, std::size_t& budget,
                         std::vector<ReplicaDelete>& deletes) {
  // Behind the rows that earlier steps removed: walking over them again would make this quadratic.
  const auto cursor = draft.scanFrom(Table::FILE_CHUNK, fileChunkPrefix(file),
                                     fileChunkKey(file, garbage.chunk_cursor()));
  std::vector<std::pair<std::uint32_t, ChunkId>> chunks;
  for (; cursor->valid() && chunks.size() < budget; cursor->next()) {
    record::FileChunk link;
    TRY(parseRow(Table::FILE_CHUNK, cursor->key(), cursor->value(), link));
    chunks.emplace_back(indexInFileChunkKey(cursor->key()), ChunkId(link.chunk()));
  }
  TRY(cursor->status());
  const bool done = !cursor->valid();
  for (const auto& [index, chunk] : chunks) {
    TRY(freeChunk(draft, chunk, deletes));
    draft.erase(Table::FILE_CHUNK, fileChunkKey(file, index));
    garbage.set_chunk_cursor(index + 1);
  }
  budget -= chunks.size();
  return done;
}

// True when the directory holds nothing any more. Its children become garbage of their own.
Result<bool> reclaimDirectory(Draft& draft, InodeId directory, record::Garbage& garbage,
                              std::size_t& budget) {
  const auto cursor = draft.scanFrom(Table::DIRENT, direntPrefix(directory),
                                     direntKey(directory, garbage.cursor()));
  std::vector<std::pair<std::string, record::Dirent>> children;
  for (; cursor->valid() && children.size() < budget; cursor->next()) {
    auto& [name, child] = children.emplace_back();
    name = nameInDirentKey(cursor->key());
    TRY(parseRow(Table::DIRENT, cursor->key(), cursor->value(), child));
  }
  TRY(cursor->status());
  const bool done = !cursor->valid();
  for (const auto& [name, child] : children) {
    TRY(discardEntry(draft, directory, name, child));
    garbage.set_cursor(name);
  }
  budget -= children.size();
  return done;
}

}  // namespace

Result<Outcome> reclaim(Draft& draft, InodeId from, std::size_t rowsMax) {
  Outcome outcome;
  // The rows as they stood when the step began: those that it adds are for the next.
  std::vector<std::pair<InodeId, record::Garbage>> rows;
  const auto cursor = draft.scanFrom(Table::GC, {}, inodeKey(from));
  for (; cursor->valid() && rows.size() < rowsMax; cursor->next()) {
    auto& [inode, garbage] = rows.emplace_back();
    inode = inodeInKey(cursor->key());
    TRY(parseRow(Table::GC, cursor->key(), cursor->value(), garbage));
  }
  TRY(cursor->status());
  std::size_t budget = rowsMax;
  for (auto& [inode, garbage] : rows) {
    if (budget == 0) break;
    outcome.answer.set_flag(true);
    outcome.answer.mutable_entry()->set_id(inode.value);
    ASSIGN(const bool done, garbage.kind() == record::DIRECTORY
                                ? reclaimDirectory(draft, inode, garbage, budget)
                                : reclaimFile(draft, inode, garbage, budget, outcome.deletes));
    // The row itself counts after what it holds: a step goes on by one row at least.
    if (budget > 0) --budget;
    if (done) {
      draft.erase(Table::GC, inodeKey(inode));
      --draft.counts().garbage;
    } else {
      draft.update(Table::GC, inodeKey(inode), std::move(garbage));
    }
  }
  return outcome;
}

}  // namespace cairn::nn
