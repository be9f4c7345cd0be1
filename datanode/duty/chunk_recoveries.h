// The recoveries of which this datanode is the primary: several at a time, each told to the
// namenode when it is over. Layer: datanode/duty.  Threads: one event loop.
#pragma once

#include <kj/async.h>
#include <kj/function.h>

#include <cstddef>

#include "common/async/coroutine.h"
#include "common/base/ids.h"
#include "common/rpc/client_pool.h"
#include "common/rpc/host.h"
#include "datanode/duty/recover_chunk.h"

namespace cairn::dn {

class ChunkRecoveries final : private kj::TaskSet::ErrorHandler {
public:
  // At a time, at most. Those beyond are not begun: the namenode orders them again.
  static constexpr std::size_t RUNNING_MAX = 64;
  // As for nodes of a pipeline.
  static constexpr std::uint32_t CONNECT_MS = 3'000;

  // `hello`: to the other datanodes. `commit` tells the namenode, and answers its failures itself.
  // `host` outlives it. Destroyed, it drops what it is at.
  ChunkRecoveries(rpc::Host& host, rpc::ClientHello hello,
                  kj::Function<kj::Promise<void>(RecoveryOutcome)> commit);
  KJ_DISALLOW_COPY(ChunkRecoveries);

  void begin(RecoveryOrder order);
  std::size_t running() const { return running_; }

private:
  kj::Promise<void> run(RecoveryOrder order);
  void taskFailed(kj::Exception&& exception) override;

  rpc::Host& host_;
  rpc::ClientPool peers_;
  kj::Function<kj::Promise<void>(RecoveryOutcome)> commit_;
  std::size_t running_ = 0;
  kj::TaskSet tasks_;
};

}  // namespace cairn::dn
