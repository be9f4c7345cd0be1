// A job on the work pool that uses memory it does not own: a message of the event loop, a caller's
// buffer.
// Layer: client/core.  Threads: called on an event loop.
#pragma once

#include <kj/async.h>

#include <memory>
#include <mutex>
#include <optional>
#include <type_traits>
#include <utility>

#include "common/async/work_pool.h"

namespace cairn::client {

// WorkPool::run, but dropping the promise ends the job's use of everything `fn` refers to: a job
// that has not begun will not run, one that is running is waited for, blocking the loop. So `fn`
// must be short (a packet's worth of work, a few ms).
template <typename Func, typename T = std::invoke_result_t<Func&>>
kj::Promise<T> runPinned(async::WorkPool& pool, Func fn) {
  static_assert(!std::is_void_v<T>);
  struct Pin {
    explicit Pin(Func&& fn) : fn(std::move(fn)) {}
    std::mutex mutex;        // held while fn runs
    std::optional<Func> fn;  // gone once cancelled or done
    std::optional<T> result;
  };
  struct Guard {
    std::shared_ptr<Pin> pin;
    explicit Guard(std::shared_ptr<Pin> pin) : pin(std::move(pin)) {}
    Guard(Guard&&) = default;
    ~Guard() {
      if (!pin) return;
      std::lock_guard lock(pin->mutex);
      pin->fn.reset();
    }
  };
  auto pin = std::make_shared<Pin>(std::move(fn));
  auto done = pool.run([pin]() {
    std::lock_guard lock(pin->mutex);
    if (pin->fn) pin->result.emplace((*pin->fn)());
  });
  return done.then([pin]() -> T { return std::move(*pin->result); }).attach(Guard(pin));
}

}  // namespace cairn::client
