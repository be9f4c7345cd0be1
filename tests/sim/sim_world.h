// What all hosts of a simulated run share: its seed, time, network and trace.
// Layer: tests/sim.  Threads: one event loop; one world a thread at a time.
#pragma once

#include <cstdint>

#include "common/io/random.h"
#include "tests/sim/reach.h"
#include "tests/sim/sim_network.h"
#include "tests/sim/trace.h"
#include "tests/sim/virtual_time.h"

namespace cairn::sim {

struct SimWorld {
  explicit SimWorld(std::uint64_t seed, bool printTrace = false)
      : seed(seed),
        random(seed),
        trace(printTrace),
        time(trace),
        network(time.timer(), random.split(), trace) {}

  const std::uint64_t seed;
  io::Random random;  // for those who decide the run's course; others get a split of it
  Trace trace;
  Reach reach;
  VirtualTime time;
  SimNetwork network;
};

}  // namespace cairn::sim
