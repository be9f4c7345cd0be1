// This node's own replica in a pipeline: takes packets in order, gathers those that wait while the
// disk is busy, and writes them together.
// Layer: datanode/pipeline.  Threads: one event loop; the writing is done on the volume's pool.
#pragma once

#include <kj/async.h>

#include <cstdint>
#include <deque>
#include <optional>

#include "common/async/coroutine.h"
#include "common/base/result.h"
#include "datanode/pipeline/held_packet.h"
#include "datanode/store/buffer_budget.h"
#include "datanode/store/replica_store.h"
#include "datanode/store/wakeup.h"

namespace cairn::dn {

class LocalReplica {
public:
  // Both outlive it. `writing`: as the store created it.
  // Destroyed before seal(): the replica stays as an unfinished one.
  LocalReplica(ReplicaStore& store, BufferBudget& budget, Writing writing);
  KJ_DISALLOW_COPY(LocalReplica);

  // Each takes effect after those called before it. Once one failed, all that follow do.
  // Answered when the frames are checked and in the system's hands, not on the disk. The packet's
  // memory is let go of before that. When the promise is dropped, or this object destroyed, a job
  // that has begun to write the packet goes on, and holds the memory until it has ended.
  kj::Promise<Result<void>> append(HeldPacket packet);
  kj::Promise<Result<void>> sync();
  // The nodes behind this one have the first `length` plain bytes, too: readers see them from now
  // on. CANCELLED when they do not, as somebody has taken over the replica.
  Result<void> acknowledged(std::uint64_t length);
  // Once it has begun, it goes on to its end even if this object is destroyed.
  kj::Promise<Result<FinalName>> seal(SealSums sums);

private:
  // Bytes written by one job at most: a disk's worth of some ms, and few system calls a MiB.
  static constexpr std::uint64_t BATCH_BYTES = 4_MiB;

  struct Step {
    std::optional<HeldPacket> packet;  // or else, without a seal: a sync
    std::optional<SealSums> seal;
    kj::Own<kj::PromiseFulfiller<Result<FinalName>>> done;
  };

  kj::Promise<Result<FinalName>> enqueue(Step step);
  kj::Promise<void> work();
  kj::Promise<void> writeBatch();
  kj::Promise<Result<void>> write(std::size_t count);
  kj::Promise<Result<FinalName>> finishStep(const Step& step);

  ReplicaStore& store_;
  BufferBudget& budget_;
  std::optional<Writing> writing_;  // until it is sealed
  const WritingProgress progress_;
  std::deque<Step> steps_;
  Wakeup arrived_;
  std::optional<Status> failure_;
  kj::Promise<void> working_;
};

}  // namespace cairn::dn
