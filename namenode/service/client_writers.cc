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

ChunkVersion versionOf(wire::ChunkRef::Reader chunk) {
  return {ChunkId(chunk.getId()), GenerationStamp(chunk.getGeneration())};
}

}  // namespace

kj::Promise<void> ClientService::append(AppendContext context) {
  return changePath(
      context, Method::APPEND, &ClientService::append,
      [&](Draft& draft, nn::Context& with, const Path& path) -> Result<Outcome> {
        TRY(requireClient(with.caller));
        const auto reachable = state_->reachable();
        return nn::append(draft, with,
                          {.path = path,
                           .newChunk = context.getParams().getNewChunk(),
                           .usable = [&](NodeId node, ChunkId chunk) {
                             return reachable(node) && !state_->suspects.contains(node, chunk) &&
                                    !state_->datanodes.find(node)->deletes.contains(chunk);
                           }});
      },
      [state = state_](auto& results, const record::Answer& answer) {
        toWire(answer.entry(), {}, results.initEntry());
        results.setLeaseRenewMs(leaseRenewMs(*state));
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
  return changePath(
      context, Method::TRUNCATE, &ClientService::truncate,
      [&](Draft& draft, nn::Context& with, const Path& path) {
        return nn::truncate(draft, with, {.path = path, .length = context.getParams().getLength()});
      },
      [](auto& results, const auto& answer) { results.setDone(answer.flag()); });
}

kj::Promise<void> ClientService::recoverLease(RecoverLeaseContext context) {
  return changePath(
      context, Method::RECOVER_LEASE, &ClientService::recoverLease,
      [&](Draft& draft, nn::Context& with, const Path& path) {
        return nn::recoverLease(draft, with, path);
      },
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
        const auto candidates = state_->datanodes.candidates(with.awakeMs);
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
  return changeOnce(
      context, Method::UPDATE_PIPELINE, &ClientService::updatePipeline,
      [&](Draft& draft, nn::Context& with) -> Result<Outcome> {
        const auto params = context.getParams();
        const auto nodes = nodesOf(params.getNodes());
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
      },
      FILL_NOTHING);
}

kj::Promise<void> ClientService::syncFile(SyncFileContext context) {
  return changeOnce(
      context, Method::SYNC_FILE, &ClientService::syncFile,
      [&](Draft& draft, nn::Context& with) {
        const auto params = context.getParams();
        return nn::syncFile(draft, with,
                            {.file = InodeId(params.getFile()),
                             .chunk = versionOf(params.getChunk()),
                             .length = params.getLength()});
      },
      FILL_NOTHING);
}

}  // namespace cairn::nn
