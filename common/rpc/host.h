// What a component may touch of the machine it runs on. main() fills it with the real ones, the
// simulator with its own: nothing else may read a clock, draw a random number, open a socket or
// start a thread, or a run cannot be repeated.
// Layer: rpc.  Ownership: all members outlive the components that hold the Host.
// Threads: one Host belongs to one event loop.
#pragma once

#include <kj/timer.h>

#include "common/async/work_pool.h"
#include "common/io/clock.h"
#include "common/io/random.h"
#include "common/metrics/metrics.h"
#include "common/rpc/network.h"

namespace cairn::rpc {

struct Host {
  kj::Timer& timer;        // for waiting
  const io::Clock& clock;  // for time stamps
  io::Random& random;
  Network& network;
  async::WorkPool&
      workPool;  // for work that would hold up the loop (compression, look-ups on disk)
  metrics::Registry& metrics;
};

}  // namespace cairn::rpc
