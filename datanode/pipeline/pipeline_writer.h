// One replica being written here and on the nodes behind this one: each packet is passed on and
// written at the same time, and answered when both are done.
// Layer: datanode/pipeline.  Threads: one event loop.
// After the first failure every call answers it; the replicas stay as unfinished ones.
#pragma once

#include <kj/async.h>

#include <cstdint>
#include <optional>

#include "common/base/limits.h"
#include "datanode/pipeline/downstream.h"
#include "datanode/pipeline/held_packet.h"
#include "datanode/pipeline/local_replica.h"
#include "datanode/pipeline/outcome.h"
#include "datanode/pipeline/window_pool.h"

namespace cairn::dn {

class PipelineWriter {
public:
  // Plain bytes of a packet, at most: clients keep near limits::PACKET_PLAIN_BYTES, but a packet
  // ends with a whole frame.
  static constexpr std::uint64_t PACKET_PLAIN_BYTES_MAX = 2 * limits::PACKET_PLAIN_BYTES;

  // `self`: this node. `downstream`: null for the last of the pipeline. `length`: plain bytes that
  // all nodes have already.
  PipelineWriter(NodeId self, WindowPool::Window window, kj::Own<LocalReplica> local,
                 kj::Maybe<kj::Own<Downstream>> downstream, std::uint64_t length)
      : self_(self),
        window_(std::move(window)),
        local_(kj::mv(local)),
        downstream_(kj::mv(downstream)),
        nextOffset_(length) {}
  KJ_DISALLOW_COPY(PipelineWriter);

  // In the order of the calls. The packet's memory is let go of when it has been sent to the next
  // node and written here, also if the promise is dropped before that.
  kj::Promise<Outcome> push(HeldPacket packet);
  kj::Promise<Outcome> sync();
  kj::Promise<Outcome> finish(SealSums sums);

  // Stored bytes that the writer may have unanswered: the least that a node of the pipeline grants.
  std::uint64_t windowBytes() const;

private:
  Result<void> checkPacket(const PacketView& packet) const;
  kj::Promise<Outcome> pushBoth(HeldPacket packet);
  kj::Promise<Outcome> appendHere(HeldPacket packet);
  kj::Promise<Outcome> syncHere();
  kj::Promise<Outcome> sealHere(SealSums sums);
  kj::Promise<Outcome> remember(kj::Promise<Outcome> step);
  Outcome failHere(Status status);

  const NodeId self_;
  const WindowPool::Window window_;
  kj::Own<LocalReplica> local_;
  kj::Maybe<kj::Own<Downstream>> downstream_;
  std::uint64_t nextOffset_;
  std::uint64_t unansweredBytes_ = 0;
  bool finishing_ = false;
  std::optional<PipelineFailure> failure_;
};

}  // namespace cairn::dn
