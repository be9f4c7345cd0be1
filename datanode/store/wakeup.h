// Lets one coroutine sleep until somebody has something for it.
// Layer: datanode/store.  Threads: one event loop.
#pragma once

#include <kj/async.h>

#include <utility>

namespace cairn::dn {

class Wakeup {
public:
  // Ends the wait, or the next one when nobody waits now.
  void ring() {
    rung_ = true;
    if (sleeper_.get() != nullptr) sleeper_->fulfill();
    sleeper_ = nullptr;
  }
  // One waiter at a time; the promise may be dropped.
  kj::Promise<void> wait() {
    if (std::exchange(rung_, false)) return kj::READY_NOW;
    auto pair = kj::newPromiseAndFulfiller<void>();
    sleeper_ = kj::mv(pair.fulfiller);
    return pair.promise.then([this]() { rung_ = false; });
  }

private:
  bool rung_ = false;
  kj::Own<kj::PromiseFulfiller<void>> sleeper_;
};

}  // namespace cairn::dn
