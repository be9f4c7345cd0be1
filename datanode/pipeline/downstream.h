// The next node of a pipeline, as this one sees it: gets every packet as it came, and answers for
// all that are behind it. Layer: datanode/pipeline.  Threads: one event loop.
#pragma once

#include <kj/async.h>
#include <kj/timer.h>

#include <cstdint>

#include "common/async/coroutine.h"
#include "common/schema/datanode.capnp.h"
#include "datanode/pipeline/outcome.h"
#include "datanode/store/replica_appender.h"

namespace cairn::dn {

class Downstream {
public:
  // `behind`: nodes in the rest of the pipeline, `next` included. `windowBytes`: what they allow to
  // be unanswered; 0: they do not say.
  Downstream(kj::Timer& timer, NodeId next, std::size_t behind, wire::ReplicaWriter::Client writer,
             std::uint64_t windowBytes);
  KJ_DISALLOW_COPY(Downstream);

  // Sent before it returns, so the packets' memory is not needed after that. In the order of the
  // calls. A node that does not answer in time is the one that failed.
  kj::Promise<Outcome> push(const PacketView& packet);
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
};

}  // namespace cairn::dn
