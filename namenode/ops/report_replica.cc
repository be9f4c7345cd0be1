#include "namenode/ops/report_replica.h"

#include <algorithm>
#include <set>
#include <utility>

#include "common/base/inventory.h"
#include "namenode/meta/records.h"
#include "namenode/ops/replicas.h"

namespace cairn::nn {
namespace {

Result<void> forget(Draft& draft, NodeId node, ChunkId chunk) {
  ASSIGN(const auto known, findReplica(draft, chunk, node));
  if (!known.has_value()) return {};
  return dropReplica(draft, chunk, node, *known);
}

record::Replica rowOf(const Reporter& from, const ReportedReplica& report) {
  record::Replica replica;
  replica.set_generation(report.generation.value);
  replica.set_length(report.length);
  replica.set_stored_length(report.storedLength);
  replica.set_volume(report.volume);
  replica.set_confirmed_epoch(from.epoch.value);
  return replica;
}

// The final replicas of a datanode in one range, all of them.
using Inventory = std::set<std::pair<ChunkId, GenerationStamp>>;

// Whether a writer has named the copy since the datanode registered and its own word is under way.
bool isFresh(const Reporter& from, const record::Replica& known) {
  return known.confirmed_epoch() == 0 && known.txid() > from.registeredAt.value;
}

// A copy of a generation before the recorded one. `all`: null unless the whole range is told.
Result<void> reportStale(Draft& draft, const Reporter& from, const ReportedReplica& report,
                         const record::Chunk& chunk, const Inventory* all,
                         std::vector<ReplicaDelete>& deletes) {
  using State = ReportedReplica::State;
  ASSIGN(auto known, findReplica(draft, report.chunk, from.node));
  if (all != nullptr && known.has_value() && !isFresh(from, *known) &&
      !all->contains({report.chunk, GenerationStamp(known->generation())})) {
    // What is on record is not there, only an older one.
    TRY(dropReplica(draft, report.chunk, from.node, *known));
    known.reset();
  }
  const bool same = known.has_value() && known->generation() == report.generation.value;
  if (report.state == State::QUARANTINED) {
    return same ? dropReplica(draft, report.chunk, from.node, *known) : Result<void>();
  }
  const bool writing =
      std::ranges::find(chunk.pipeline(), from.node.value) != chunk.pipeline().end();
  if (chunk.state() == record::CHUNK_COMMITTED || report.state == State::BEING_WRITTEN || writing) {
    deletes.push_back({from.node, report.chunk, report.generation});
    return {};
  }
  if (report.state == State::DAMAGED) return {};
  // Whole, though without what was written since: it stays until the chunk is committed.
  if (same) return {};
  return setReplica(draft, report.chunk, from.node, rowOf(from, report));
}

// The datanode has turned its copy into one of a newer generation: what is on record of it is over.
Result<void> forgetOlder(Draft& draft, NodeId node, const ReportedReplica& report) {
  ASSIGN(const auto known, findReplica(draft, report.chunk, node));
  if (!known.has_value() || known->generation() >= report.generation.value) return {};
  return dropReplica(draft, report.chunk, node, *known);
}

Result<void> reportOne(Draft& draft, const Reporter& from, const ReportedReplica& report,
                       const Inventory* all, std::vector<ReplicaDelete>& deletes) {
  using State = ReportedReplica::State;
  ASSIGN(const auto chunk, findChunk(draft, report.chunk));
  if (!chunk.has_value()) {
    if (from.ids.wasHandedOut(report.chunk) && report.state != State::QUARANTINED) {
      deletes.push_back({from.node, report.chunk, report.generation});
    }
    return forget(draft, from.node, report.chunk);
  }
  if (report.generation.value < chunk->generation()) {
    return reportStale(draft, from, report, *chunk, all, deletes);
  }
  if (report.generation.value > chunk->generation()) {
    // Promised to the writer's pipeline or to a recovery, and not on record yet.
    return forgetOlder(draft, from.node, report);
  }
  ASSIGN(const auto known, findReplica(draft, report.chunk, from.node));
  const bool isKnown = known.has_value() && known->generation() == report.generation.value;
  switch (report.state) {
    case State::QUARANTINED: return forget(draft, from.node, report.chunk);
    case State::BEING_WRITTEN: return {};
    case State::DAMAGED:
      // It counts as before: whoever reads it knows it for suspect. What nobody has told of before
      // is a copy all the same: the news of its damage has overtaken that of its being there.
      if (isKnown || !isWholeCopy(*chunk, report)) return {};
      break;
    case State::FINAL: break;
  }
  if (chunk->state() == record::CHUNK_COMMITTED && report.length != chunk->length()) {
    // Sealed with another length than its writer committed: no copy of this chunk.
    return forget(draft, from.node, report.chunk);
  }
  if (isKnown && known->length() == report.length && known->confirmed_epoch() == from.epoch.value &&
      known->volume() == report.volume) {
    return {};
  }
  return setReplica(draft, report.chunk, from.node, rowOf(from, report));
}

}  // namespace

bool isWholeCopy(const record::Chunk& chunk, const ReportedReplica& report) {
  return chunk.state() == record::CHUNK_COMMITTED &&
         report.generation.value == chunk.generation() && report.length == chunk.length();
}

Result<void> reportReplica(Draft& draft, const Reporter& from, const ReportedReplica& report,
                           std::vector<ReplicaDelete>& deletes) {
  return reportOne(draft, from, report, nullptr, deletes);
}

Result<void> reportRemoved(Draft& draft, NodeId node, ChunkId chunk, GenerationStamp generation) {
  ASSIGN(const auto known, findReplica(draft, chunk, node));
  if (!known.has_value() || known->generation() != generation.value) return {};
  return dropReplica(draft, chunk, node, *known);
}

Result<void> reportRange(Draft& draft, const Reporter& from, std::uint64_t range,
                         std::span<const ReportedReplica> reports,
                         std::vector<ReplicaDelete>& deletes) {
  Inventory all;
  for (const auto& report : reports) {
    if (inventoryRangeOf(report.chunk) != range) {
      return fail(Code::INVALID_ARGUMENT, "chunk " + std::to_string(report.chunk.value) +
                                              " is not in range " + std::to_string(range));
    }
    if (report.state == ReportedReplica::State::FINAL) {
      all.emplace(report.chunk, report.generation);
    }
  }
  std::vector<ChunkId> gone;
  const auto cursor =
      draft.scanFrom(Table::REPLICA, nodeReplicaPrefix(from.node),
                     nodeReplicaKey(from.node, ChunkId(range << INVENTORY_RANGE_SHIFT)));
  for (; cursor->valid(); cursor->next()) {
    const ChunkId chunk = chunkInNodeReplicaKey(cursor->key());
    if (inventoryRangeOf(chunk) != range) break;
    const auto first = all.lower_bound({chunk, GenerationStamp()});
    if (first == all.end() || first->first != chunk) gone.push_back(chunk);
  }
  TRY(cursor->status());
  for (const ChunkId chunk : gone) {
    ASSIGN(const auto known, findReplica(draft, chunk, from.node));
    if (!known.has_value()) continue;
    if (isFresh(from, *known)) continue;
    TRY(dropReplica(draft, chunk, from.node, *known));
  }
  for (const auto& report : reports) TRY(reportOne(draft, from, report, &all, deletes));
  return {};
}

}  // namespace cairn::nn
