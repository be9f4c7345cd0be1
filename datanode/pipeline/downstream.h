// The next node of a pipeline, as this one sees it: gets every packet as it came, and answers for
// all that are behind it. Layer: datanode/pipeline.  Threads: one event loop.
#pragma once

#include <kj/async.h>
#include <kj/timer.h>

#include <cstdint>

#include "common/async/coroutine.h"
#include "common/rpc/connection.h"
#include "common/schema/datanode.capnp.h"
#include "datanode/pipeline/held_packet.h"
#include "datanode/pipeline/outcome.h"
#include "datanode/store/replica_appender.h"

namespace cairn::dn {

class Downstream {
public:
  // `behind`: nodes in the rest of the pipeline, `next` included. `windowBytes`: what they allow to
  // be unanswered; 0: they do not say. `sentBuffers`: of the connection to it; null when that is
  // gone.
  Downstream(kj::Timer& timer, NodeId next, std::size_t behind, wire::ReplicaWriter::Client writer,
             std::uint64_t windowBytes, kj::Maybe<kj::Own<rpc::SentBuffers>> sentBuffers);
  KJ_DISALLOW_COPY(Downstream);

  // On its way before it returns, in the order of the calls. The packet's memory is held until it
  // has been sent. A node that does not answer in time is the one that failed.
  kj::Promise<Outcome> push(const HeldPacket& packet);
  kj::Promise<Outcome> sync();
  kj::Promise<Outcome> finish(const SealSums& sums);

  std::uint64_t windowBytes() const { return windowBytes_; }

private:
  // How long to wait for an answer: longer the more nodes are behind, so that whoever is next to
  // the one that hangs notices first; and all below the 60 s after which a client gives up.
  static constexpr std::uint32_t ANSWER_MS = 40'000;
  static constexpr std::uint32_t ANSWER_MS_EACH = 4'000;
  static constexpr std::uint32_t ANSWER_MS_MAX = 56'000;

  template <typename Results>
  kj::Promise<Outcome> outcomeOf(kj::Promise<capnp::Response<Results>> sent, const char* what);

  kj::Timer& timer_;
  const NodeId next_;
  const std::uint32_t answerMs_;
  wire::ReplicaWriter::Client writer_;
  const std::uint64_t windowBytes_;
  kj::Maybe<kj::Own<rpc::SentBuffers>> sentBuffers_;
};

}  // namespace cairn::dn
