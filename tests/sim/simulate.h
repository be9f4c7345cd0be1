// One run of a seed: a cluster, its clients, trouble, healing, and the check at the end.
// Layer: tests/sim.  Threads: one run a thread at a time.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/sim/worker.h"

namespace cairn::sim {

struct RunOptions {
  std::uint64_t seed = 1;
  unsigned datanodes = 5;
  unsigned clients = 3;
  unsigned workersPerClient = 2;
  std::int64_t troubleMillis = 30'000;  // virtual time under trouble; longer in some runs
  // Deliberate bugs, to see that they are found.
  bool namenodeIgnoresSyncs = false;
  bool datanodesIgnoreSyncs = false;
  bool printTrace = false;
};

struct RunReport {
  std::vector<std::string> violations;
  std::uint64_t traceHash = 0;
  std::uint64_t events = 0;
  std::int64_t virtualMicros = 0;
  WorkCounts counts;  // of all workers
  FailureCounts failures;
  Reach reach;
  std::uint64_t flippedBits = 0;
  ClusterReport cluster;
};

RunReport simulate(const RunOptions& options);

}  // namespace cairn::sim
