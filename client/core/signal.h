// Lets coroutines of one event loop wait until something may have changed.
// Layer: client/core.  Threads: one event loop.
#pragma once

#include <kj/async.h>
#include <kj/vector.h>

namespace cairn::client {

class Signal {
public:
  // Settles at the next notify(). Test the condition again afterwards:
  //   while (!condition) co_await signal.wait();
  kj::Promise<void> wait() {
    auto pair = kj::newPromiseAndFulfiller<void>();
    waiters_.add(kj::mv(pair.fulfiller));
    return kj::mv(pair.promise);
  }
  // Wakes all who wait, at the loop's next turn.
  void notify() {
    auto waiters = kj::mv(waiters_);
    waiters_ = {};
    for (auto& waiter : waiters) waiter->fulfill();
  }

private:
  kj::Vector<kj::Own<kj::PromiseFulfiller<void>>> waiters_;
};

}  // namespace cairn::client
