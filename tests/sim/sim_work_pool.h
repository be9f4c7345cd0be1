// A pool of pretended threads: each job runs on the one loop, whole, at a later moment that the
// seed decides. Jobs overlap as on real threads: with several workers a later job may end first;
// with one they keep their order. Layer: tests/sim.  Threads: one event loop.
#pragma once

#include <kj/async.h>
#include <kj/timer.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "common/async/work_pool.h"
#include "common/io/random.h"
#include "tests/sim/trace.h"

namespace cairn::sim {

struct WorkPace {
  unsigned workers = 4;
  // A job takes so long, virtual microseconds, uniformly.
  std::int64_t minMicros = 5;
  std::int64_t maxMicros = 200;
  // A few take this much longer: a slow disk, a busy core.
  double slowChance = 0.01;
  std::int64_t slowMaxMicros = 50'000;
};

// Destroying the pool drops the jobs that have not run, as the end of a process does.
class SimWorkPool final : public async::WorkPool, private kj::TaskSet::ErrorHandler {
public:
  SimWorkPool(kj::Timer& timer, io::Random random, WorkPace pace, Trace& trace, std::string name);
  ~SimWorkPool() noexcept override = default;

  void setPace(WorkPace pace);

private:
  kj::Promise<void> submit(std::move_only_function<void()> job) override;
  void taskFailed(kj::Exception&& exception) override;

  kj::Timer& timer_;
  io::Random random_;
  WorkPace pace_;
  Trace& trace_;
  const std::string name_;
  std::uint64_t jobs_ = 0;
  std::vector<kj::TimePoint> freeAt_;  // per worker
  kj::TaskSet running_;                // last: dies first
};

}  // namespace cairn::sim
