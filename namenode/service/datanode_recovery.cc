// DatanodeService: outcomes of chunk recoveries.
#include <utility>

#include "common/log/log.h"
#include "common/rpc/convert.h"
#include "namenode/meta/records.h"
#include "namenode/ops/commit_recovery.h"
#include "namenode/ops/open_file.h"
#include "namenode/service/datanode_service.h"

namespace cairn::nn {

Applied DatanodeService::commitOnce(CommitRecoveryContext& context) {
  const auto params = context.getParams();
  const auto refuse = [&](Status why) {
    return Applied{std::unexpected(std::move(why)), state_->commits.durableGroup()};
  };
  if (const auto caller = callerOf(params.getNode(), params.getEpoch()); !caller.has_value()) {
    return refuse(caller.error());
  }
  if (const auto allowed = state_->safeMode.allowChanges(); !allowed.has_value()) {
    return refuse(allowed.error());
  }
  CommitRecoveryRequest request{.chunk = ChunkId(params.getChunk().getId()),
                                .newGeneration = GenerationStamp(params.getNewGeneration()),
                                .length = params.getLength(),
                                .sealed = {}};
  for (const auto sealed : params.getSealed()) {
    // One too many is enough for it to be refused.
    if (request.sealed.size() > limits::REPLICATION_MAX) break;
    request.sealed.push_back({NodeId(sealed.getNode()), sealed.getStoredLength()});
  }
  std::string name;
  auto applied = state_->applyDuty([&](Draft& draft) -> Result<Outcome> {
    ASSIGN(const auto row, findChunk(draft, request.chunk));
    if (row.has_value()) {
      const InodeId file(row->inode());
      name = describeInode(draft, file);
      request.allAsked = state_->recoveries.believesEmpty(file, state_->awakeMs());
    }
    return nn::commitRecovery(draft, state_->host.clock.nowMs(), request);
  });
  const std::string what = "recovery of chunk " + std::to_string(request.chunk.value) + " of " +
                           name + " by datanode " + std::to_string(params.getNode());
  if (!applied.answer.has_value()) {
    LOG(WARNING) << what << " is refused: " << applied.answer.error().message();
  } else if (applied.answer->flag()) {
    LOG(INFO) << what << ": " << request.length << " bytes on " << request.sealed.size()
              << " datanodes, generation " << request.newGeneration.value;
  }
  return applied;
}

kj::Promise<void> DatanodeService::commitRecovery(CommitRecoveryContext context) {
  while (mustWait()) co_await roomForChanges();
  auto applied = commitOnce(context);
  if (auto durable = co_await state_->commits.durable(applied.rests); !durable.has_value()) {
    applied.answer = std::unexpected(std::move(durable).error());
  }
  if (!applied.answer.has_value()) {
    rpc::toWire(applied.answer.error(), context.getResults().initFault());
  }
}

}  // namespace cairn::nn
