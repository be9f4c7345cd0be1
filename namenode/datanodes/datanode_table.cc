#include "namenode/datanodes/datanode_table.h"

#include <utility>

#include "namenode/place/rack_table.h"

namespace cairn::nn {

std::uint64_t Datanode::freeBytes() const {
  std::uint64_t total = 0;
  for (const auto& volume : volumes) {
    if (!volume.failed) total += volume.freeBytes;
  }
  return total;
}

Datanode* DatanodeTable::find(NodeId node) {
  const auto it = nodes_.find(node);
  return it == nodes_.end() ? nullptr : &it->second;
}

const Datanode* DatanodeTable::find(NodeId node) const {
  const auto it = nodes_.find(node);
  return it == nodes_.end() ? nullptr : &it->second;
}

Datanode* DatanodeTable::findByUuid(const Uuid& uuid) {
  const auto it = byUuid_.find(uuid);
  return it == byUuid_.end() ? nullptr : find(it->second);
}

Datanode& DatanodeTable::add(Datanode datanode) {
  byUuid_[datanode.uuid] = datanode.node;
  const NodeId node = datanode.node;
  return nodes_.insert_or_assign(node, std::move(datanode)).first->second;
}

void DatanodeTable::remove(NodeId node) {
  const auto it = nodes_.find(node);
  const auto named = byUuid_.find(it->second.uuid);
  if (named != byUuid_.end() && named->second == node) byUuid_.erase(named);
  nodes_.erase(it);
}

std::string_view DatanodeTable::rackOfHost(std::string_view host) const {
  if (host.empty()) return {};
  for (const auto& [node, datanode] : nodes_) {
    if (!datanode.replaced && hostOf(datanode.address) == host) return datanode.rack;
  }
  return {};
}

Health DatanodeTable::health(const Datanode& datanode, std::int64_t nowMs) const {
  const std::int64_t silentMs = nowMs - datanode.heardMs;
  if (silentMs > limits_.deadMs) return Health::DEAD;
  if (!datanode.registered || silentMs > limits_.staleMs) return Health::STALE;
  return Health::LIVE;
}

std::size_t DatanodeTable::liveNodes(std::int64_t nowMs) const {
  std::size_t n = 0;
  for (const auto& [node, datanode] : nodes_) {
    if (health(datanode, nowMs) == Health::LIVE) ++n;
  }
  return n;
}

SpaceTotals DatanodeTable::space(std::int64_t nowMs) const {
  SpaceTotals totals;
  for (const auto& [number, datanode] : nodes_) {
    if (datanode.session == 0 || health(datanode, nowMs) == Health::DEAD) continue;
    for (const auto& volume : datanode.volumes) {
      if (volume.failed) continue;
      totals.capacityBytes += volume.capacityBytes;
      totals.usedBytes += volume.usedBytes;
      totals.freeBytes += volume.freeBytes;
    }
  }
  return totals;
}

std::vector<Candidate> DatanodeTable::candidates(std::int64_t nowMs) {
  std::vector<Candidate> candidates;
  candidates.reserve(nodes_.size());
  for (auto& [node, datanode] : nodes_) {
    if (datanode.replaced) continue;
    datanode.unfit.clear();
    bool awaited = false;
    bool expected = false;
    const std::int64_t silentMs = nowMs - datanode.heardMs;
    if (!datanode.registered) {
      datanode.unfit = "has not registered since the namenode started";
      awaited = health(datanode, nowMs) != Health::DEAD;
      expected = silentMs <= limits_.reconnectMs;
    } else if (health(datanode, nowMs) != Health::LIVE) {
      datanode.unfit = "silent for " + std::to_string(silentMs / 1000) + " s";
    } else if (datanode.session == 0) {
      datanode.unfit = "its connection is gone, last heard " + std::to_string(silentMs) + " ms ago";
      awaited = silentMs <= limits_.reconnectMs;
    } else if (!datanode.settled) {
      // Should it die before it has noted who it is, it comes back as another one.
      datanode.unfit = "is just registering";
      awaited = true;
    } else if (datanode.volumes.empty()) {
      datanode.unfit = "it has no volume";
    }
    candidates.push_back({.node = node,
                          .address = datanode.address,
                          .machine = datanode.machine,
                          .rack = datanode.rack,
                          .freeBytes = datanode.freeBytes(),
                          .load = datanode.activeTransfers + datanode.assigned,
                          .unfit = datanode.unfit,
                          .awaited = awaited,
                          .expected = expected});
  }
  return candidates;
}

void DatanodeTable::orderDelete(NodeId node, ChunkId chunk, GenerationStamp generation,
                                bool surplus) {
  Datanode* datanode = find(node);
  if (datanode == nullptr || datanode->replaced) return;
  const auto it = datanode->deletes.find(chunk);
  if (it != datanode->deletes.end()) {
    // One order a chunk: the newest generation named is the one it holds.
    if (it->second.generation < generation) {
      it->second = {.generation = generation, .sentMs = 0, .surplus = surplus};
    } else if (it->second.generation == generation && !surplus) {
      it->second.surplus = false;
    }
    return;
  }
  if (datanode->deletes.size() >= DELETES_PER_NODE_MAX) return;
  datanode->deletes.emplace(
      chunk, Datanode::DeleteOrder{.generation = generation, .sentMs = 0, .surplus = surplus});
}

std::vector<std::pair<ChunkId, GenerationStamp>> DatanodeTable::takeDeletes(
    Datanode& datanode, std::int64_t nowMs, std::size_t max, const IsSpare& isSpare) {
  std::vector<std::pair<ChunkId, GenerationStamp>> due;
  std::size_t judged = 0;
  for (auto it = datanode.deletes.begin(); it != datanode.deletes.end() && due.size() < max;) {
    auto& [chunk, order] = *it;
    const bool sent = order.sentMs != 0;
    if (sent && nowMs - order.sentMs < DELETE_REPEAT_MS) {
      ++it;
      continue;
    }
    if (order.surplus && ++judged > SURPLUS_A_TIME) {
      ++it;
      continue;
    }
    const bool maySend = !order.surplus || isSpare(chunk, order.generation);
    if (!maySend && !sent) {
      it = datanode.deletes.erase(it);
      continue;
    }
    order.sentMs = nowMs == 0 ? 1 : nowMs;
    if (maySend) due.emplace_back(chunk, order.generation);
    ++it;
  }
  return due;
}

std::size_t DatanodeTable::openDeletes() const {
  std::size_t n = 0;
  for (const auto& [node, datanode] : nodes_) n += datanode.deletes.size();
  return n;
}

}  // namespace cairn::nn
