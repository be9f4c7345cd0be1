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

}  // namespace

Result<std::optional<ChunkCopies>> copiesOf(const State& state, const MetaView& view, ChunkId id) {
  ASSIGN(auto chunk, findChunk(view, id));
  if (!chunk.has_value() || chunk->state() != record::CHUNK_COMMITTED) return std::nullopt;
  ASSIGN(const auto wanted, wantedReplicas(view, InodeId(chunk->inode())));
  if (wanted == 0) return std::nullopt;
  ChunkCopies all{.chunk = std::move(*chunk), .wanted = wanted, .copies = {}, .holders = {}};
  ASSIGN(const auto known, replicasOf(view, id));
  const auto here = state.reachable();
  for (const auto& [node, replica] : known) {
    all.holders.push_back(node);
    if (replica.generation() != all.chunk.generation() || replica.length() != all.chunk.length()) {
      continue;
    }
    ChunkCopy& copy = all.copies.emplace_back();
    copy.node = node;
    copy.where = whereIs(state, node, here);
    copy.suspect = state.suspects.contains(node, id);
    const Datanode* const datanode = state.datanodes.find(node);
    if (datanode == nullptr) continue;
    copy.machine = datanode->machine;
    copy.rack = datanode->rack;
    copy.freeBytes = datanode->freeBytes();
    copy.load = datanode->activeTransfers + datanode->assigned;
    copy.confirmed = isConfirmed(state, *datanode, replica);
    const auto order = datanode->deletes.find(id);
    copy.leaving =
        order != datanode->deletes.end() && order->second.generation.value >= replica.generation();
  }
  return all;
}

Result<bool> isSpareCopy(const State& state, NodeId node, ChunkId chunk,
                         GenerationStamp generation) {
  ASSIGN(const auto newest, copiesOf(state, state.commits.draft(), chunk));
  if (!newest.has_value() || newest->chunk.generation() != generation.value) return false;
  if (std::ranges::find(newest->copies, node, &ChunkCopy::node) == newest->copies.end()) {
    return false;
  }
  ASSIGN(const auto durable, wantedReplicas(state.store->latest(), InodeId(newest->chunk.inode())));
  // A file that is not durable yet cannot be told to want fewer.
  if (durable == 0) return false;
  // The copy itself is leaving, so it is none of those that are left.
  return spareCopies(newest->copies, std::max<unsigned>(newest->wanted, durable)) >= 0;
}

}  // namespace cairn::nn
