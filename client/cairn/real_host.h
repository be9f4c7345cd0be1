// The real machine behind rpc::Host: system clock, sockets, threads.
// Layer: client/cairn.  Threads: one event loop; made and destroyed on it.
#pragma once

#include <kj/async-io.h>

#include <string>

#include "common/async/work_pool.h"
#include "common/io/clock.h"
#include "common/io/random.h"
#include "common/metrics/metrics.h"
#include "common/rpc/host.h"
#include "common/rpc/network.h"

namespace cairn::app {

class RealHost {
public:
  // `io` outlives it. `name` stands in the names of its threads; `workThreads` at least 1.
  RealHost(kj::AsyncIoContext& io, const std::string& name, unsigned workThreads)
      : random_(io::Random::fromOs()),
        network_(rpc::newSocketNetwork(io)),
        workPool_(name, workThreads, WORK_QUEUE_MAX),
        host_{io.provider->getTimer(), clock_, random_, *network_, workPool_, metrics_} {}
  KJ_DISALLOW_COPY(RealHost);

  rpc::Host& host() { return host_; }

private:
  // Jobs waiting for a thread: every packet in flight and every look-up that went to disk is one.
  static constexpr std::size_t WORK_QUEUE_MAX = 4096;

  io::SystemClock clock_;
  io::Random random_;
  kj::Own<rpc::Network> network_;
  async::ThreadWorkPool workPool_;
  metrics::Registry metrics_;
  rpc::Host host_;
};

}  // namespace cairn::app
