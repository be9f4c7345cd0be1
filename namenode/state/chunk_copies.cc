#include "namenode/state/chunk_copies.h"

#include <algorithm>
#include <utility>

#include "namenode/meta/records.h"
#include "namenode/ops/count_replicas.h"
#include "namenode/ops/replicas.h"

namespace cairn::nn {
namespace {

ChunkCopy::Where whereIs(const State& state, NodeId node, const CountReplicas::Reachable& here) {
  if (state.isGone(node)) return ChunkCopy::Where::GONE;
  return here(node) ? ChunkCopy::Where::HERE : ChunkCopy::Where::AWAY;
}

// Whether the datanode itself has said so: by a report, or by a digest that was equal.
bool isConfirmed(const State& state, const Datanode& datanode, const record::Replica& replica) {
  if (!datanode.inventoryKnown || !datanode.caughtUp) return false;
  return replica.confirmed_epoch() == state.store->epoch().value ||
         replica.txid() <= datanode.registeredAt.value;
}

bool isWhole(const record::Chunk& chunk, const record::Replica& replica) {
  return replica.generation() == chunk.generation() && replica.length() == chunk.length();
}

ChunkCopy copyOf(const State& state, ChunkId id, const KnownReplica& known,
                 const CountReplicas::Reachable& here) {
  const auto& [node, replica] = known;
  ChunkCopy copy;
  copy.node = node;
  copy.where = whereIs(state, node, here);
  copy.suspect = state.suspects.contains(node, id);
  const Datanode* const datanode = state.datanodes.find(node);
  if (datanode == nullptr) return copy;
  copy.machine = datanode->machine;
  copy.rack = datanode->rack;
  copy.freeBytes = datanode->freeBytes();
  copy.load = datanode->activeTransfers + datanode->assigned;
  copy.confirmed = isConfirmed(state, *datanode, replica);
  const auto order = datanode->deletes.find(id);
  copy.leaving =
      order != datanode->deletes.end() && order->second.generation.value >= replica.generation();
  return copy;
}

}  // namespace

Result<std::optional<ChunkCopies>> copiesOf(const State& state, const MetaView& view, ChunkId id) {
  ASSIGN(auto chunk, findChunk(view, id));
  if (!chunk.has_value() || chunk->state() != record::CHUNK_COMMITTED) return std::nullopt;
  ASSIGN(const auto wanted, wantedReplicas(view, InodeId(chunk->inode())));
  if (wanted == 0) return std::nullopt;
  ChunkCopies all{.chunk = std::move(*chunk), .wanted = wanted, .copies = {}, .holders = {}};
  const auto here = state.reachable();
  TRY(visitReplicas(view, id, [&](const KnownReplica& known) {
    all.holders.push_back(known.node);
    if (isWhole(all.chunk, known.replica)) all.copies.push_back(copyOf(state, id, known, here));
    return true;
  }));
  return all;
}

Result<bool> isSpareCopy(const State& state, NodeId node, ChunkId id, GenerationStamp generation) {
  const Draft newest = state.commits.draft();
  ASSIGN(const auto chunk, findChunk(newest, id));
  if (!chunk.has_value() || chunk->state() != record::CHUNK_COMMITTED) return false;
  if (chunk->generation() != generation.value) return false;
  ASSIGN(const auto own, findReplica(newest, id, node));
  if (!own.has_value() || !isWhole(*chunk, *own)) return false;
  const InodeId file(chunk->inode());
  ASSIGN(const auto wanted, wantedReplicas(newest, file));
  ASSIGN(const auto durable, wantedReplicas(state.store->latest(), file));
  // A file that is not durable yet cannot be told to want fewer.
  if (wanted == 0 || durable == 0) return false;
  unsigned missing = std::max<unsigned>(wanted, durable);
  const auto here = state.reachable();
  TRY(visitReplicas(newest, id, [&](const KnownReplica& known) {
    // The copy itself is leaving, so it is none of those that are left.
    if (known.node == node || !isWhole(*chunk, known.replica)) return true;
    if (isSafe(copyOf(state, id, known, here))) --missing;
    return missing > 0;
  }));
  return missing == 0;
}

}  // namespace cairn::nn
