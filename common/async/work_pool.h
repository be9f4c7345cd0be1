// Runs blocking or heavy work away from an event loop and brings the result back to it.
// Layer: async.  Threads: run() is called on an event loop; its promise settles on that loop.
#pragma once

#include <kj/async.h>

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

#include "common/base/result.h"

namespace cairn::async {

// The interface that components hold. The simulator's version runs each job on the one loop it
// has, at a moment that its seed decides.
class WorkPool {
public:
  virtual ~WorkPool() = default;

  // Runs `fn()` on a thread of the pool and yields what it returned; an exception it threw breaks
  // the promise. Jobs start in the order of the calls. Dropping the promise does not stop a job:
  // `fn` must own, or share, everything it touches. OVERLOADED (as a kj exception) when the queue
  // is full.
  template <typename Func, typename T = std::invoke_result_t<Func&>>
  kj::Promise<T> run(Func fn) {
    if constexpr (std::is_void_v<T>) {
      return submit(std::move(fn));
    } else {
      struct Job {
        explicit Job(Func&& fn) : fn(std::move(fn)) {}
        Func fn;
        std::optional<T> result;
      };
      auto job = std::make_shared<Job>(std::move(fn));
      return submit([job]() { job->result.emplace(job->fn()); }).then([job]() {
        return std::move(*job->result);
      });
    }
  }

protected:
  // Runs `job` off the loop; the promise settles when it has run, or breaks when it threw.
  virtual kj::Promise<void> submit(std::move_only_function<void()> job) = 0;
};

// Threads of its own and one bounded first-in-first-out queue.
// The destructor runs what is queued, then joins: it must not be called from one of its jobs.
class ThreadWorkPool final : public WorkPool {
public:
  // `queueMax`: jobs waiting at most, above which run() answers OVERLOADED.
  ThreadWorkPool(std::string name, unsigned threads, std::size_t queueMax);
  ~ThreadWorkPool() override;
  // Jobs waiting now; a metric.
  std::size_t queued() const;

private:
  struct Item {
    std::move_only_function<void()> job;
    kj::Own<kj::CrossThreadPromiseFulfiller<void>> done;
  };
  kj::Promise<void> submit(std::move_only_function<void()> job) override;
  void work();

  const std::string name_;
  const std::size_t queueMax_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Item> queue_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace cairn::async
