// A pool whose jobs run when the test says so, on the test's own thread.
#pragma once

#include <kj/debug.h>

#include <deque>
#include <utility>

#include "common/async/work_pool.h"

namespace cairn::nn {

class HeldPool final : public async::WorkPool {
public:
  std::size_t waiting() const { return jobs_.size(); }
  // False when no job waits.
  bool runOne() {
    if (jobs_.empty()) return false;
    auto [job, done] = std::move(jobs_.front());
    jobs_.pop_front();
    job();
    done->fulfill();
    return true;
  }
  void runAll() {
    while (runOne()) {
    }
  }

  bool full = false;  // takes no more jobs

private:
  kj::Promise<void> submit(std::move_only_function<void()> job) override {
    if (full) return KJ_EXCEPTION(OVERLOADED, "work queue is full");
    auto done = kj::newPromiseAndFulfiller<void>();
    jobs_.emplace_back(std::move(job), kj::mv(done.fulfiller));
    return kj::mv(done.promise);
  }

  std::deque<std::pair<std::move_only_function<void()>, kj::Own<kj::PromiseFulfiller<void>>>> jobs_;
};

}  // namespace cairn::nn
