#include "datanode/duty/chunk_recoveries.h"

#include <kj/debug.h>

#include <utility>

#include "common/log/log.h"

namespace cairn::dn {

ChunkRecoveries::ChunkRecoveries(rpc::Host& host, rpc::ClientHello hello,
                                 kj::Function<kj::Promise<void>(RecoveryOutcome)> commit)
    : host_(host),
      peers_(host, std::move(hello), {}, CONNECT_MS),
      commit_(kj::mv(commit)),
      tasks_(*this) {}

void ChunkRecoveries::begin(RecoveryOrder order) {
  if (running_ >= RUNNING_MAX) {
    LOG(WARNING) << "recovery of " << order.chunk.toString() << ": " << running_
                 << " others run already; the namenode will order it again";
    return;
  }
  tasks_.add(run(std::move(order)));
}

kj::Promise<void> ChunkRecoveries::run(RecoveryOrder order) {
  ++running_;
  KJ_DEFER(--running_);
  const auto name = order.chunk.toString();
  auto outcome = co_await recoverChunk(host_.timer, peers_, kj::mv(order));
  if (!outcome.has_value()) {
    LOG(WARNING) << "recovery of " << name << " failed: " << outcome.error().message();
    co_return;
  }
  LOG(INFO) << name << " was recovered as generation " << outcome->newGeneration.value << " with "
            << outcome->length << " bytes on " << outcome->sealed.size() << " nodes";
  co_await commit_(*kj::mv(outcome));
}

void ChunkRecoveries::taskFailed(kj::Exception&& exception) {
  LOG(ERROR) << "a chunk's recovery broke: " << exception.getDescription().cStr();
}

}  // namespace cairn::dn
