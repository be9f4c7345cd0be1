#include "namenode/ops/count_replicas.h"

#include <algorithm>

#include "namenode/meta/records.h"
#include "namenode/ops/replicas.h"

namespace cairn::nn {

Result<std::uint32_t> wantedReplicas(const MetaView& view, InodeId file) {
  ASSIGN(const auto place, findInode(view, file));
  if (!place.has_value()) return 0;
  ASSIGN(const auto entry, findDirent(view, InodeId(place->parent()), place->name()));
  if (!entry.has_value() || entry->id() != file.value) return 0;
  return entry->replication();
}

Result<std::uint32_t> CountReplicas::wantedBy(const MetaView& view, InodeId file) {
  // Chunks of one file mostly follow each other.
  if (file == lastFile_) return lastWanted_;
  ASSIGN(const auto wanted, wantedReplicas(view, file));
  lastFile_ = file;
  lastWanted_ = wanted;
  return wanted;
}

Result<bool> CountReplicas::step(const MetaView& view, const Reachable& reachable,
                                 const Suspect& suspect, std::size_t budget, const Unusual& unusual,
                                 const OneRack& oneRack) {
  const auto chunks = view.scanFrom(Table::CHUNK, {}, chunkKey(next_));
  ReplicaScan replicas(view);
  for (; chunks->valid() && budget > 0; chunks->next(), --budget) {
    const ChunkId id(loadBig<std::uint64_t>(chunks->key().data()));
    next_ = ChunkId(id.value + 1);
    record::Chunk chunk;
    TRY(parseRow(Table::CHUNK, chunks->key(), chunks->value(), chunk));
    if (chunk.state() != record::CHUNK_COMMITTED) continue;
    ASSIGN(const std::uint32_t wanted, wantedBy(view, InodeId(chunk.inode())));
    if (wanted == 0) continue;
    ASSIGN(const auto nodes, replicas.nodesOf(id));
    std::uint32_t found = 0;
    std::uint32_t good = 0;
    for (const NodeId node : nodes) {
      if (!reachable(node)) continue;
      ++found;
      if (!suspect(node, id)) ++good;
    }
    ++counts_.chunks;
    if (found == 0) {
      ++counts_.missing;
    } else {
      ++counts_.withReplica;
      if (good < wanted) ++counts_.underReplicated;
    }
    const bool crowded = wanted > 1 && oneRack && oneRack(nodes);
    if (crowded) ++counts_.oneRack;
    if (unusual && (good != wanted || nodes.size() != wanted || crowded)) {
      unusual(id, nodes, wanted);
    }
  }
  TRY(chunks->status());
  return !chunks->valid();
}

}  // namespace cairn::nn
