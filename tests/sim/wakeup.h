// Wakes whoever waits for a change of some state.
// Layer: tests/sim.  Threads: one event loop.
#pragma once

#include <kj/async.h>

#include <utility>
#include <vector>

namespace cairn::sim {

class Wakeup {
public:
  // Settles at the next notify(). The waiter then looks at the state again.
  kj::Promise<void> wait() {
    auto pair = kj::newPromiseAndFulfiller<void>();
    waiting_.push_back(kj::mv(pair.fulfiller));
    return kj::mv(pair.promise);
  }
  void notify() {
    for (auto& waiter : std::exchange(waiting_, {})) waiter->fulfill();
  }

private:
  std::vector<kj::Own<kj::PromiseFulfiller<void>>> waiting_;
};

}  // namespace cairn::sim
