#include "datanode/duty/recover_chunk.h"

#include <algorithm>
#include <utility>

#include "common/log/log.h"
#include "common/rpc/convert.h"
#include "common/schema/datanode.capnp.h"
#include "datanode/duty/recovery_plan.h"

namespace cairn::dn {
namespace {

using wire::Datanode;
using Peer = RecoveryOrder::Peer;

// A question ends a writer and waits for its last write.
constexpr std::uint32_t ASK_MS = 10'000;
// A chunk of the usual 128 MiB is read once, perhaps copied; the largest is 64 times as long.
constexpr std::uint32_t RECOVER_MS = 120'000;

FoundReplica::State fromWire(wire::UnfinishedState state) {
  switch (state) {
    case wire::UnfinishedState::FINAL: return FoundReplica::State::FINAL;
    case wire::UnfinishedState::WRITING: return FoundReplica::State::WRITING;
    default: return FoundReplica::State::WAITING;
  }
}

// The oldest generation that will do of this node.
GenerationStamp from(const RecoveryOrder& order, const Peer& peer) {
  return peer.older ? order.oldest : order.chunk.generation;
}

kj::Promise<Result<FoundReplica>> ask(kj::Timer& timer, rpc::ClientPool& peers,
                                      const RecoveryOrder& order, Peer peer) {
  CO_ASSIGN(auto datanode, co_await peers.get<Datanode>(peer.address));
  auto request = datanode.initRecoveryRequest();
  request.getChunk().setId(order.chunk.chunk.value);
  request.getChunk().setGeneration(from(order, peer).value);
  request.setNewGeneration(order.newGeneration.value);
  request.setNode(peer.node.value);
  const auto what = "asking datanode " + std::to_string(peer.node.value) + " for its replica";
  kj::Promise<capnp::Response<Datanode::InitRecoveryResults>> sent = request.send();
  CO_ASSIGN(auto reply,
            co_await rpc::withDeadline(timer, ASK_MS, rpc::caught(kj::mv(sent), what), what));
  if (auto there = rpc::fromWire(reply.getFault()); !there.has_value()) {
    const auto& why = there.error();
    const bool none = reply.getLost() && order.withoutLost;
    co_return fail(none ? Status(Code::NOT_FOUND, why.message() + " for too long") : why);
  }
  co_return FoundReplica{.generation = GenerationStamp(reply.getGeneration()),
                         .length = reply.getLength(),
                         .state = fromWire(reply.getState()),
                         .damaged = reply.getDamaged()};
}

kj::Promise<Result<SealedNode>> recoverAt(kj::Timer& timer, rpc::ClientPool& peers,
                                          const RecoveryOrder& order, std::uint64_t length,
                                          Peer peer) {
  CO_ASSIGN(auto datanode, co_await peers.get<Datanode>(peer.address));
  auto request = datanode.recoverReplicaRequest();
  request.getChunk().setId(order.chunk.chunk.value);
  request.getChunk().setGeneration(from(order, peer).value);
  request.setNewGeneration(order.newGeneration.value);
  request.setLength(length);
  request.setNode(peer.node.value);
  const auto what = "recovering the replica of datanode " + std::to_string(peer.node.value);
  kj::Promise<capnp::Response<Datanode::RecoverReplicaResults>> sent = request.send();
  CO_ASSIGN(auto reply,
            co_await rpc::withDeadline(timer, RECOVER_MS, rpc::caught(kj::mv(sent), what), what));
  CO_TRY(rpc::fromWire(reply.getFault()));
  co_return SealedNode{peer.node, reply.getStoredLength()};
}

}  // namespace

Result<RecoveryOrder> orderOf(wire::ChunkRecovery::Reader wanted) {
  RecoveryOrder order{.chunk = {ChunkId(wanted.getChunk().getId()),
                                GenerationStamp(wanted.getChunk().getGeneration())},
                      .newGeneration = GenerationStamp(wanted.getNewGeneration()),
                      .nodes = {},
                      .cut = {},
                      .least = wanted.getLeast(),
                      .oldest = GenerationStamp(wanted.getOldest()),
                      .withoutLost = wanted.getWithoutLost()};
  if (wanted.getCut()) order.cut = wanted.getLength();
  const std::size_t count = std::size_t{wanted.getNodes().size()} + wanted.getOlder().size();
  if (count > RECOVERY_NODES_MAX) {
    return fail(Code::LIMIT_EXCEEDED, "a recovery over " + std::to_string(count) +
                                          " nodes; the limit is " +
                                          std::to_string(RECOVERY_NODES_MAX));
  }
  for (const auto node : wanted.getNodes()) {
    order.nodes.push_back({NodeId(node.getNode()), rpc::toString(node.getAddress())});
  }
  for (const auto node : wanted.getOlder()) {
    order.nodes.push_back({NodeId(node.getNode()), rpc::toString(node.getAddress()), true});
  }
  if (order.newGeneration <= order.chunk.generation) {
    return fail(Code::INVALID_ARGUMENT, order.chunk.toString() + " cannot be recovered as " +
                                            std::to_string(order.newGeneration.value));
  }
  return order;
}

kj::Promise<Result<RecoveryOutcome>> recoverChunk(kj::Timer& timer, rpc::ClientPool& peers,
                                                  RecoveryOrder order) {
  std::vector<kj::Promise<Result<FoundReplica>>> asked;
  for (const auto& peer : order.nodes) asked.push_back(ask(timer, peers, order, peer));
  std::vector<NodeReplica> replicas;
  std::size_t silent = 0;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    auto found = co_await kj::mv(asked[i]);
    if (found.has_value()) {
      replicas.push_back({order.nodes[i].node, *found});
      continue;
    }
    LOG(WARNING) << "recovery of " << order.chunk.toString() << ": " << found.error().message();
    if (found.error().code() == Code::STALE) co_return fail(kj::mv(found).error());
    if (found.error().code() != Code::NOT_FOUND && !order.nodes[i].older) ++silent;
  }
  CO_ASSIGN(
      const auto plan,
      planRecovery(replicas,
                   {.recorded = order.chunk.generation, .least = order.least, .cut = order.cut},
                   silent));

  RecoveryOutcome outcome{order.chunk, order.newGeneration, plan.length, {}};
  std::vector<kj::Promise<Result<SealedNode>>> begun;
  for (const auto& peer : order.nodes) {
    if (std::ranges::find(plan.nodes, peer.node) == plan.nodes.end()) continue;
    begun.push_back(recoverAt(timer, peers, order, plan.length, peer));
  }
  Status failure(Code::UNAVAILABLE, "no node");
  for (auto& one : begun) {
    auto sealed = co_await kj::mv(one);
    if (sealed.has_value()) {
      outcome.sealed.push_back(*sealed);
      continue;
    }
    LOG(WARNING) << "recovery of " << order.chunk.toString() << ": " << sealed.error().message();
    failure = kj::mv(sealed).error();
  }
  if (outcome.sealed.empty() && !begun.empty()) {
    co_return fail(Code::UNAVAILABLE, "no node could recover " + order.chunk.toString() +
                                          "; the last said: " + failure.message());
  }
  co_return kj::mv(outcome);
}

}  // namespace cairn::dn
