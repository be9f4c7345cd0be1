// The work that waits for one volume's disk: a bounded queue for each urgency, in front of the
// volume's pool.
// Layer: datanode/store.  Threads: one event loop; jobs run on the pool's threads. A thread that
// becomes free takes the job whose turn it is then (work_turns.h), without asking the loop: for
// each job the pool has an errand, "do the next one".
#pragma once

#include <kj/async.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "common/async/work_pool.h"
#include "common/io/clock.h"
#include "common/metrics/metrics.h"
#include "datanode/store/work_turns.h"

namespace cairn::dn {

class VolumeQueue final : private kj::TaskSet::ErrorHandler {
public:
  // Jobs waiting at most. Clients': each writer has one and each read, and node.h bounds these.
  static constexpr std::array<std::size_t, URGENCY_COUNT> WAITING_MAX{64, 4096, 1024, 1024};
  // What the pool must be able to hold for all of them.
  static constexpr std::size_t JOBS_MAX =
      WAITING_MAX[0] + WAITING_MAX[1] + WAITING_MAX[2] + WAITING_MAX[3];

  // All outlive the queue, and as long as the pool still runs its jobs. `label`: of this volume,
  // for metrics; those of a queue that is gone mean nothing.
  VolumeQueue(async::WorkPool& pool, const io::Clock& clock, metrics::Registry& registry,
              const std::string& label);
  ~VolumeQueue() noexcept(false);
  KJ_DISALLOW_COPY(VolumeQueue);

  // A pool whose jobs have this urgency. Keeps the contract of WorkPool, but for the order of jobs
  // of different urgency; OVERLOADED when WAITING_MAX of it wait.
  async::WorkPool& at(Urgency urgency) { return doors_[static_cast<std::size_t>(urgency)]; }
  // Jobs waiting now, of all urgencies.
  std::size_t waiting() const;

private:
  using Job = std::move_only_function<void()>;

  class Door final : public async::WorkPool {
  public:
    Door(VolumeQueue& queue, Urgency urgency) : queue_(queue), urgency_(urgency) {}

  private:
    kj::Promise<void> submit(Job job) override { return queue_.submit(urgency_, std::move(job)); }

    VolumeQueue& queue_;
    const Urgency urgency_;
  };
  // What threads and loop share; the errands hold it.
  struct State;
  struct Done;

  kj::Promise<void> submit(Urgency urgency, Job job);
  // An errand has run a job, or could not get into the pool.
  void settle(Done done);
  void withdraw(kj::Exception&& why);
  void taskFailed(kj::Exception&& exception) override;

  async::WorkPool& pool_;
  const std::shared_ptr<State> state_;
  std::array<Door, URGENCY_COUNT> doors_;
  std::uint64_t lastJob_ = 0;
  std::map<std::uint64_t, kj::Own<kj::PromiseFulfiller<void>>> callers_;  // by job
  kj::TaskSet errands_;
};

}  // namespace cairn::dn
