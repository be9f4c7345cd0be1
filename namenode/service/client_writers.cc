// ClientService: files that are written again, cut, or taken from their writers, and pipelines that
// have lost a datanode.
#include <algorithm>

#include "common/base/limits.h"
#include "namenode/ops/additional_nodes.h"
#include "namenode/ops/append.h"
#include "namenode/ops/path.h"
#include "namenode/ops/recover_lease.h"
#include "namenode/ops/sync_file.h"
#include "namenode/ops/truncate.h"
#include "namenode/ops/update_chunk.h"
#include "namenode/ops/update_pipeline.h"
#include "namenode/service/client_service.h"
#include "namenode/service/to_wire.h"

namespace cairn::nn {

using rpc::toView;

namespace {

const auto nothing = [](auto&, const record::Answer&) {};

ChunkVersion versionOf(wire::ChunkRef::Reader chunk) {
  return {ChunkId(chunk.getId()), GenerationStamp(chunk.getGeneration())};
}

// Nodes that a call names; more than this are not looked at.
std::vector<NodeId> nodesOf(capnp::List<std::uint32_t>::Reader named) {
  constexpr unsigned NAMED_MAX = 10'000;  // more than any cluster of this version has
  std::vector<NodeId> nodes;
  for (const auto node : named) {
    if (nodes.size() == NAMED_MAX) break;
    nodes.emplace_back(node);
  }
  return nodes;
}

// INVALID_ARGUMENT for a call that no lease can go by.
Result<void> requireClient(const Caller& caller) {
  if (!caller.client.isNil()) return {};
  return fail(Code::INVALID_ARGUMENT, "a writer needs a client id");
}

}  // namespace

kj::Promise<void> ClientService::append(AppendContext context) {
  const auto params = context.getParams();
  if (isNew(params.getCall())) return onceKnown(context, &ClientService::append);
  auto applied = change(
      params.getCall(), Method::APPEND, [&](Draft& draft, nn::Context& with) -> Result<Outcome> {
        ASSIGN(const auto path, Path::parse(toView(params.getPath())));
        TRY(requireClient(with.caller));
        const auto reachable = state_->reachable();
        return nn::append(draft, with,
                          {.path = path,
                           .newChunk = params.getNewChunk(),
                           .usable = [&](NodeId node, ChunkId chunk) {
                             return reachable(node) && !state_->suspects.contains(node, chunk);
                           }});
      });
  return answerChange(context, Method::APPEND, std::move(applied),
                      [state = state_](auto& results, const record::Answer& answer) {
                        toWire(answer.entry(), {}, results.initEntry());
                        const auto& allocation = answer.allocation();
                        results.setZstdLevel(static_cast<std::int8_t>(answer.entry().zstd_level()));
                        results.setFrameSize(state->settings.frameSize);
                        if (allocation.chunk() == 0) return;
                        auto last = results.initLast();
                        fillAllocated(*state, allocation, last);
                        last.setLength(answer.entry().length() - allocation.offset());
                      });
}

kj::Promise<void> ClientService::truncate(TruncateContext context) {
  const auto params = context.getParams();
  if (isNew(params.getCall())) return onceKnown(context, &ClientService::truncate);
  auto applied = change(
      params.getCall(), Method::TRUNCATE, [&](Draft& draft, nn::Context& with) -> Result<Outcome> {
        ASSIGN(const auto path, Path::parse(toView(params.getPath())));
        return nn::truncate(draft, with, {.path = path, .length = params.getLength()});
      });
  return answerChange(context, Method::TRUNCATE, std::move(applied),
                      [](auto& results, const auto& answer) { results.setDone(answer.flag()); });
}

kj::Promise<void> ClientService::recoverLease(RecoverLeaseContext context) {
  const auto params = context.getParams();
  if (isNew(params.getCall())) return onceKnown(context, &ClientService::recoverLease);
  auto applied = change(params.getCall(), Method::RECOVER_LEASE,
                        [&](Draft& draft, nn::Context& with) -> Result<Outcome> {
                          ASSIGN(const auto path, Path::parse(toView(params.getPath())));
                          return nn::recoverLease(draft, with, path);
                        });
  return answerChange(context, Method::RECOVER_LEASE, std::move(applied),
                      [](auto& results, const auto& answer) { results.setClosed(answer.flag()); });
}

kj::Promise<void> ClientService::updateChunk(UpdateChunkContext context) {
  const auto params = context.getParams();
  if (isNew(params.getCall())) return onceKnown(context, &ClientService::updateChunk);
  auto applied = promise(
      params.getCall(), [&](const Draft& draft, nn::Context& with) -> Result<record::Answer> {
        ASSIGN(const auto generation, nn::updateChunk(draft, with, InodeId(params.getFile()),
                                                      versionOf(params.getChunk())));
        record::Answer answer;
        answer.mutable_allocation()->set_generation(generation.value);
        return answer;
      });
  return answerChange(context, Method::UPDATE_CHUNK, std::move(applied),
                      [](auto& results, const record::Answer& answer) {
                        results.setGeneration(answer.allocation().generation());
                      });
}

kj::Promise<void> ClientService::additionalNodes(AdditionalNodesContext context) {
  const auto params = context.getParams();
  if (isNew(params.getCall())) return onceKnown(context, &ClientService::additionalNodes);
  const auto existing = nodesOf(params.getExisting());
  const auto excluded = nodesOf(params.getExcluded());
  auto applied = promise(
      params.getCall(), [&](const Draft& draft, nn::Context& with) -> Result<record::Answer> {
        const auto candidates = state_->datanodes.candidates(with.monotonicMs);
        ASSIGN(const auto nodes, nn::additionalNodes(draft, with,
                                                     {.file = InodeId(params.getFile()),
                                                      .chunk = versionOf(params.getChunk()),
                                                      .existing = existing,
                                                      .excluded = excluded,
                                                      .count = params.getCount()},
                                                     candidates, state_->dice()));
        record::Answer answer;
        for (const NodeId node : nodes) {
          answer.mutable_allocation()->add_pipeline(node.value);
          if (Datanode* const chosen = state_->datanodes.find(node)) ++chosen->assigned;
        }
        return answer;
      });
  return answerChange(context, Method::ADDITIONAL_NODES, std::move(applied),
                      [state = state_](auto& results, const record::Answer& answer) {
                        const auto known = knownNodes(*state, answer.allocation());
                        auto nodes = results.initNodes(static_cast<unsigned>(known.size()));
                        for (unsigned i = 0; i < nodes.size(); ++i) toWire(*known[i], nodes[i]);
                      });
}

kj::Promise<void> ClientService::updatePipeline(UpdatePipelineContext context) {
  const auto params = context.getParams();
  if (isNew(params.getCall())) return onceKnown(context, &ClientService::updatePipeline);
  const auto nodes = nodesOf(params.getNodes());
  auto applied =
      change(params.getCall(), Method::UPDATE_PIPELINE,
             [&](Draft& draft, nn::Context& with) -> Result<Outcome> {
               for (const NodeId node : nodes) {
                 if (state_->datanodes.find(node) == nullptr) {
                   return fail(Code::INVALID_ARGUMENT,
                               "there is no datanode " + std::to_string(node.value));
                 }
               }
               return nn::updatePipeline(draft, with,
                                         {.file = InodeId(params.getFile()),
                                          .chunk = versionOf(params.getChunk()),
                                          .generation = GenerationStamp(params.getGeneration()),
                                          .length = params.getLength(),
                                          .nodes = nodes});
             });
  return answerChange(context, Method::UPDATE_PIPELINE, std::move(applied), nothing);
}

kj::Promise<void> ClientService::syncFile(SyncFileContext context) {
  const auto params = context.getParams();
  if (isNew(params.getCall())) return onceKnown(context, &ClientService::syncFile);
  auto applied = change(params.getCall(), Method::SYNC_FILE, [&](Draft& draft, nn::Context& with) {
    return nn::syncFile(draft, with,
                        {.file = InodeId(params.getFile()),
                         .chunk = versionOf(params.getChunk()),
                         .length = params.getLength()});
  });
  return answerChange(context, Method::SYNC_FILE, std::move(applied), nothing);
}

}  // namespace cairn::nn
