// A queue from any thread to one event loop: many items cost one waking of the loop.
// Layer: async.  Ownership: shared by those who post; close() is for the loop that gets the items.
//
// In place of kj::Executor where every microsecond counts: that wakes the loop, and the sender
// again, for each item, and whoever drops a promise of it waits for the other thread.
#pragma once

#include <kj/async.h>
#include <kj/function.h>

#include <mutex>
#include <utility>
#include <vector>

#include "common/async/coroutine.h"

namespace cairn::async {

template <typename T>
class Mailbox {
public:
  // On the loop that gets the items. `handle` must not throw.
  explicit Mailbox(kj::Function<void(T)> handle)
      : handle_(kj::mv(handle)), task_(run().eagerlyEvaluate(nullptr)) {}
  // REQUIRES: close() was called, or this is the loop's thread.
  ~Mailbox() = default;
  KJ_DISALLOW_COPY(Mailbox);

  // From any thread; items of one thread arrive in order. After close() they are destroyed at once.
  void post(T item) {
    kj::Own<kj::CrossThreadPromiseFulfiller<void>> bell;
    {
      const std::lock_guard lock(mutex_);
      if (closed_) return;
      items_.push_back(std::move(item));
      bell = kj::mv(bell_);
    }
    if (bell.get() != nullptr) bell->fulfill();
  }

  // On the loop: handles no more, destroys what is waiting.
  void close() {
    task_ = nullptr;
    std::vector<T> waiting;
    const std::lock_guard lock(mutex_);
    closed_ = true;
    waiting.swap(items_);
    bell_ = nullptr;
  }

private:
  kj::Promise<void> run() {
    while (true) {
      auto ring = kj::newPromiseAndCrossThreadFulfiller<void>();
      std::vector<T> batch;
      {
        const std::lock_guard lock(mutex_);
        if (items_.empty()) bell_ = kj::mv(ring.fulfiller);
        batch.swap(items_);
      }
      if (batch.empty()) {
        co_await kj::mv(ring.promise);
        continue;
      }
      for (auto& item : batch) handle_(std::move(item));
      // Others have their turn between two batches.
      co_await kj::evalLater([]() {});
    }
  }

  kj::Function<void(T)> handle_;
  std::mutex mutex_;
  std::vector<T> items_;
  kj::Own<kj::CrossThreadPromiseFulfiller<void>> bell_;  // null: the loop is awake
  bool closed_ = false;
  kj::Maybe<kj::Promise<void>> task_;  // last: dies first
};

}  // namespace cairn::async
