#include "tests/sim/sim_work_pool.h"

#include <kj/debug.h>

#include <algorithm>

namespace cairn::sim {

SimWorkPool::SimWorkPool(kj::Timer& timer, io::Random random, WorkPace pace, Trace& trace,
                         std::string name)
    : timer_(timer),
      random_(std::move(random)),
      pace_(pace),
      trace_(trace),
      name_(std::move(name)),
      freeAt_(pace.workers, timer.now()),
      running_(*this) {}

void SimWorkPool::setPace(WorkPace pace) {
  pace_ = pace;
  freeAt_.resize(pace.workers, timer_.now());
}

kj::Promise<void> SimWorkPool::submit(std::move_only_function<void()> job) {
  std::int64_t micros = random_.between(pace_.minMicros, pace_.maxMicros);
  if (random_.chance(pace_.slowChance)) micros += random_.between(0, pace_.slowMaxMicros);
  auto worker = std::min_element(freeAt_.begin(), freeAt_.end());
  const kj::TimePoint end = std::max(*worker, timer_.now()) + micros * kj::MICROSECONDS;
  *worker = end;

  const std::uint64_t number = ++jobs_;
  auto done = kj::newPromiseAndFulfiller<void>();
  // The job runs whether or not anyone still waits for it.
  running_.add(timer_.atTime(end).then(
      [this, number, job = std::move(job), fulfiller = kj::mv(done.fulfiller)]() mutable {
        trace_.note("job", name_, {number});
        KJ_IF_MAYBE (exception, kj::runCatchingExceptions([&]() { job(); })) {
          fulfiller->reject(kj::mv(*exception));
          return;
        }
        fulfiller->fulfill();
      }));
  return kj::mv(done.promise);
}

void SimWorkPool::taskFailed(kj::Exception&& exception) {
  KJ_LOG(FATAL, "a job's own task failed", exception);
}

}  // namespace cairn::sim
