// DatanodeService: what a heartbeat's answer asks for.
#include <algorithm>
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
  // Of a chunk that was removed meanwhile, or a copy that is not there any more.
  DueVerifies there;
  for (const auto& [chunk, generation, confirmed] : due) {
    ASSIGN(const auto known, findReplica(state_->store->latest(), chunk, datanode.node));
    if (known.has_value() && known->generation() == generation.value) {
      ASSIGN(const bool spare, canDoWithout(datanode.node, chunk, generation));
      if (spare) {
        there.spare.emplace_back(chunk, generation);
      } else if (!confirmed) {
        there.needed.emplace_back(chunk, generation);
      }
    } else {
      state_->suspects.forget(datanode.node, chunk);
    }
  }
  auto& checks = datanode.checks;
  while (!checks.empty() && there.needed.size() < VERIFIES_PER_HEARTBEAT_MAX) {
    there.needed.emplace_back(*checks.begin());
    checks.erase(checks.begin());
  }
  return there;
}

std::vector<RecoveryOrder> DatanodeService::takeRecoveries(Datanode& datanode) {
  std::vector<RecoveryOrder> orders;
  auto& waiting = datanode.recoveries;
  while (!waiting.empty() && orders.size() < RECOVERIES_PER_HEARTBEAT_MAX) {
    orders.push_back(std::move(waiting.extract(waiting.begin()).mapped()));
  }
  return orders;
}

void DatanodeService::fillRecovery(const RecoveryOrder& order, wire::ChunkRecovery::Builder to) {
  auto ref = to.initChunk();
  ref.setId(order.chunk.value);
  ref.setGeneration(order.generation.value);
  to.setNewGeneration(order.newGeneration.value);
  to.setCut(order.cut);
  to.setLength(order.length);
  std::vector<const Datanode*> nodes;
  for (const NodeId node : order.nodes) {
    // Forgotten since the order was given: the others go on without it.
    const Datanode* const known = state_->datanodes.find(node);
    if (known != nullptr) nodes.push_back(known);
  }
  auto addresses = to.initNodes(static_cast<unsigned>(nodes.size()));
  for (unsigned i = 0; i < addresses.size(); ++i) toWire(*nodes[i], addresses[i]);
}

std::vector<CopyOrder> DatanodeService::takeCopies(Datanode& datanode) {
  std::vector<CopyOrder> orders;
  auto& waiting = datanode.copies;
  while (!waiting.empty() && orders.size() < COPIES_PER_HEARTBEAT_MAX) {
    orders.push_back(std::move(waiting.extract(waiting.begin()).mapped()));
  }
  return orders;
}

void DatanodeService::fillCopy(const CopyOrder& order, wire::CopyOrder::Builder to) {
  auto ref = to.initChunk();
  ref.setId(order.chunk.value);
  ref.setGeneration(order.generation.value);
  to.setLength(order.length);
  std::vector<const Datanode*> sources;
  for (const NodeId node : order.sources) {
    const Datanode* const known = state_->datanodes.find(node);
    if (known != nullptr) sources.push_back(known);
  }
  auto addresses = to.initSources(static_cast<unsigned>(sources.size()));
  for (unsigned i = 0; i < addresses.size(); ++i) toWire(*sources[i], addresses[i]);
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
    recoveries = takeRecoveries(datanode);
    copies = takeCopies(datanode);
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
  const auto fill = [](const auto& chunks, capnp::List<wire::ChunkRef>::Builder to) {
    for (unsigned i = 0; i < to.size(); ++i) {
      to[i].setId(chunks[i].first.value);
      to[i].setGeneration(chunks[i].second.value);
    }
  };
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
