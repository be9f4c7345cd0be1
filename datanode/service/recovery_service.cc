#include "datanode/service/recovery_service.h"

#include <utility>

#include "common/base/limits.h"
#include "common/rpc/convert.h"
#include "datanode/pipeline/fetch_replica.h"

namespace cairn::dn {
namespace {

ReplicaKey keyOf(wire::ChunkRef::Reader chunk) {
  return {ChunkId(chunk.getId()), GenerationStamp(chunk.getGeneration())};
}

wire::UnfinishedState toWire(FoundReplica::State state) {
  switch (state) {
    case FoundReplica::State::FINAL: return wire::UnfinishedState::FINAL;
    case FoundReplica::State::WRITING: return wire::UnfinishedState::WRITING;
    case FoundReplica::State::WAITING: break;
  }
  return wire::UnfinishedState::WAITING;
}

kj::Promise<Result<void>> fetch(Node& node, wire::Datanode::FetchReplicaParams::Reader params) {
  CO_TRY(node.checkWriter(params.getNode()));
  const auto key = keyOf(params.getChunk());
  if (!key.chunk || !key.generation || params.getLength() > limits::CHUNK_SIZE_MAX) {
    co_return fail(
        Code::INVALID_ARGUMENT,
        key.toString() + " with " + std::to_string(params.getLength()) + " bytes cannot be");
  }
  ++node.fetches;
  KJ_DEFER(--node.fetches);
  co_return co_await fetchReplica(
      {.timer = node.host.timer, .store = node.store, .budget = node.budget, .peers = *node.peers},
      {.key = key,
       .length = params.getLength(),
       .source = NodeId(params.getSource().getNode()),
       .address = rpc::toString(params.getSource().getAddress())});
}

}  // namespace

kj::Promise<void> serveFetch(Node& node, FetchContext context) {
  const auto fetched = co_await fetch(node, context.getParams());
  if (!fetched.has_value()) rpc::toWire(fetched.error(), context.getResults().initFault());
}

kj::Promise<void> serveInitRecovery(Node& node, InitRecoveryContext context) {
  const auto params = context.getParams();
  const auto key = keyOf(params.getChunk());
  const GenerationStamp newGeneration(params.getNewGeneration());
  auto allowed = node.check(params.getNode());
  auto found = allowed.has_value() ? co_await node.store.prepareRecovery(key, newGeneration)
                                   : fail(kj::mv(allowed).error());
  auto results = context.getResults();
  if (!found.has_value()) {
    rpc::toWire(found.error(), results.initFault());
    results.setLost(found.error().code() == Code::UNAVAILABLE && node.store.lost(key).has_value());
    co_return;
  }
  results.setDamaged(found->damaged);
  results.setGeneration(found->generation.value);
  results.setLength(found->length);
  results.setState(toWire(found->state));
}

kj::Promise<void> serveRecover(Node& node, RecoverContext context) {
  const auto params = context.getParams();
  const auto key = keyOf(params.getChunk());
  const GenerationStamp newGeneration(params.getNewGeneration());
  auto allowed = node.check(params.getNode());
  auto name = allowed.has_value()
                  ? co_await node.store.recover(key, newGeneration, params.getLength())
                  : fail(kj::mv(allowed).error());
  auto results = context.getResults();
  if (name.has_value()) {
    results.setStoredLength(name->storedLength);
  } else {
    rpc::toWire(name.error(), results.initFault());
  }
}

}  // namespace cairn::dn
