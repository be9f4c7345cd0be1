// DatanodeService: what a heartbeat's answer asks for.
#include <algorithm>
#include <map>
#include <utility>

#include "common/log/log.h"
#include "namenode/meta/records.h"
#include "namenode/ops/replicas.h"
#include "namenode/service/datanode_service.h"
#include "namenode/service/to_wire.h"
#include "namenode/state/chunk_copies.h"

namespace cairn::nn {

namespace {

// A damaged copy is put aside only while so many others seem good: two that turn out to be damaged
// in different places have all bytes between them still, and the last is never given up.
constexpr std::size_t GOOD_COPIES_MIN = 2;

void fill(ChunkId chunk, GenerationStamp generation, wire::ChunkRef::Builder to) {
  to.setId(chunk.value);
  to.setGeneration(generation.value);
}

void fill(const std::vector<const Datanode*>& nodes, capnp::List<wire::NodeAddress>::Builder to) {
  for (unsigned i = 0; i < to.size(); ++i) toWire(*nodes[i], to[i]);
}

void fill(const std::vector<std::pair<ChunkId, GenerationStamp>>& chunks,
          capnp::List<wire::ChunkRef>::Builder to) {
  for (unsigned i = 0; i < to.size(); ++i) fill(chunks[i].first, chunks[i].second, to[i]);
}

// Takes the orders of the first `max` chunks out.
template <typename Order>
std::vector<Order> takeOut(std::map<ChunkId, Order>& waiting, std::size_t max) {
  std::vector<Order> orders;
  while (!waiting.empty() && orders.size() < max) {
    orders.push_back(std::move(waiting.extract(waiting.begin()).mapped()));
  }
  return orders;
}

}  // namespace

Result<bool> DatanodeService::canDoWithout(NodeId node, ChunkId chunk,
                                           GenerationStamp generation) const {
  ASSIGN(const auto copies, replicasOf(state_->commits.draft(), chunk));
  const auto reachable = state_->reachable();
  const auto good = std::ranges::count_if(copies, [&](const KnownReplica& copy) {
    return copy.node != node && copy.replica.generation() == generation.value &&
           reachable(copy.node) && !state_->suspects.contains(copy.node, chunk) &&
           !state_->datanodes.find(copy.node)->deletes.contains(chunk);
  });
  return static_cast<std::size_t>(good) >= GOOD_COPIES_MIN;
}

Result<DatanodeService::DueVerifies> DatanodeService::dueVerifies(Datanode& datanode) {
  auto due =
      state_->suspects.takeDue(datanode.node, state_->monotonicMs(), VERIFIES_PER_HEARTBEAT_MAX);
  DueVerifies there;
  const Draft view = state_->commits.draft();
  for (const auto& [chunk, generation, confirmed] : due) {
    ASSIGN(const auto known, findReplica(view, chunk, datanode.node));
    if (known.has_value() && known->generation() == generation.value) {
      ASSIGN(const bool spare, canDoWithout(datanode.node, chunk, generation));
      if (spare) {
        there.spare.emplace_back(chunk, generation);
      } else if (!confirmed) {
        there.needed.emplace_back(chunk, generation);
      }
    } else {
      TRY(followSuspect(datanode.node, chunk, generation));
    }
  }
  auto& checks = datanode.checks;
  while (!checks.empty() && there.needed.size() < VERIFIES_PER_HEARTBEAT_MAX) {
    there.needed.emplace_back(*checks.begin());
    checks.erase(checks.begin());
  }
  return there;
}

Result<void> DatanodeService::followSuspect(NodeId node, ChunkId chunk,
                                            GenerationStamp generation) {
  const Draft view = state_->commits.draft();
  ASSIGN(const auto known, findReplica(view, chunk, node));
  if (known.has_value() && known->generation() > generation.value) {
    // It was written on, or recovered; what was damaged still is.
    state_->suspects.add(node, chunk, GenerationStamp(known->generation()));
    return {};
  }
  ASSIGN(const auto row, findChunk(view, chunk));
  // While it is being written, its datanodes' copies are not on record, or not yet.
  if (row.has_value() && row->state() == record::CHUNK_UNDER_CONSTRUCTION) return {};
  state_->suspects.forget(node, chunk);
  return {};
}

std::vector<const Datanode*> DatanodeService::knownOf(std::span<const NodeId> nodes) const {
  std::vector<const Datanode*> known;
  for (const NodeId node : nodes) {
    const Datanode* const datanode = state_->datanodes.find(node);
    if (datanode != nullptr) known.push_back(datanode);
  }
  return known;
}

void DatanodeService::fillRecovery(const RecoveryOrder& order, wire::ChunkRecovery::Builder to) {
  fill(order.chunk, order.generation, to.initChunk());
  to.setNewGeneration(order.newGeneration.value);
  to.setCut(order.cut);
  to.setLength(order.length);
  const auto nodes = knownOf(order.nodes);
  fill(nodes, to.initNodes(static_cast<unsigned>(nodes.size())));
  to.setLeast(order.least);
  const auto older = knownOf(order.older);
  fill(older, to.initOlder(static_cast<unsigned>(older.size())));
  to.setOldest(order.oldest.value);
  to.setWithoutLost(order.withoutLost);
}

void DatanodeService::fillCopy(const CopyOrder& order, wire::CopyOrder::Builder to) {
  fill(order.chunk, order.generation, to.initChunk());
  to.setLength(order.length);
  const auto sources = knownOf(order.sources);
  fill(sources, to.initSources(static_cast<unsigned>(sources.size())));
}

bool DatanodeService::isSpare(NodeId node, ChunkId chunk, GenerationStamp generation) {
  const auto spare = isSpareCopy(*state_, node, chunk, generation);
  if (spare.has_value() && *spare) return true;
  LOG(INFO) << "the copy of chunk " << chunk.value << " on datanode " << node.value
            << " is not deleted now: "
            << (spare.has_value() ? "it is needed" : spare.error().message());
  state_->repairs.review(chunk, RepairNeed::UNSURE);
  return false;
}

void DatanodeService::fillCommands(Datanode& datanode, HeartbeatContext& context) {
  // Not before it has told what it holds: an order might be outdated.
  if (!datanode.inventoryKnown) return;
  std::vector<std::pair<ChunkId, GenerationStamp>> deletes;
  std::vector<RecoveryOrder> recoveries;
  std::vector<CopyOrder> copies;
  if (!state_->safeMode.on()) {
    deletes =
        state_->datanodes.takeDeletes(datanode, state_->monotonicMs(), DELETES_PER_HEARTBEAT_MAX,
                                      [&](ChunkId chunk, GenerationStamp generation) {
                                        return isSpare(datanode.node, chunk, generation);
                                      });
    recoveries = takeOut(datanode.recoveries, RECOVERIES_PER_HEARTBEAT_MAX);
    copies = takeOut(datanode.copies, COPIES_PER_HEARTBEAT_MAX);
    std::erase_if(copies, [&](const CopyOrder& order) {
      if (!knownOf(order.sources).empty()) return false;
      state_->repairs.withdraw(order.chunk, datanode.node);
      return true;
    });
  }
  const auto verifies = dueVerifies(datanode);
  if (!verifies.has_value()) LOG(ERROR) << verifies.error().message();
  const bool anyVerifies = verifies.has_value() && !verifies->spare.empty();
  const bool anyChecks = verifies.has_value() && !verifies->needed.empty();
  const std::size_t count = recoveries.size() + (deletes.empty() ? 0 : 1) + (anyVerifies ? 1 : 0) +
                            (anyChecks ? 1 : 0) + (copies.empty() ? 0 : 1);
  if (count == 0) return;
  auto commands = context.getResults().initCommands(static_cast<unsigned>(count));
  for (auto command : commands) command.setEpoch(state_->store->epoch().value);
  unsigned next = 0;
  if (!deletes.empty()) {
    fill(deletes, commands[next++].initDeleteReplicas(static_cast<unsigned>(deletes.size())));
  }
  if (anyVerifies) {
    const auto& spare = verifies->spare;
    fill(spare, commands[next++].initVerifyReplicas(static_cast<unsigned>(spare.size())));
  }
  if (anyChecks) {
    const auto& needed = verifies->needed;
    fill(needed, commands[next++].initCheckReplicas(static_cast<unsigned>(needed.size())));
  }
  for (const auto& order : recoveries) fillRecovery(order, commands[next++].initRecoverChunk());
  if (!copies.empty()) {
    auto orders = commands[next++].initCopyReplicas(static_cast<unsigned>(copies.size()));
    for (unsigned i = 0; i < orders.size(); ++i) fillCopy(copies[i], orders[i]);
  }
}

}  // namespace cairn::nn
