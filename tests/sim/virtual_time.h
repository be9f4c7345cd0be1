// The one event loop of a simulated run, and its time, which stands still while anything can run
// and then leaps to the next timer: hours pass in milliseconds, the same way each time. Layer:
// tests/sim.  Threads: one; one VirtualTime a thread at a time (KJ's rule).
#pragma once

#include <kj/async.h>
#include <kj/function.h>
#include <kj/timer.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "common/io/clock.h"
#include "tests/sim/trace.h"

namespace cairn::sim {

// The run cannot go on: nothing is left that could settle what it waits for, it takes more virtual
// time than it was given, or events follow each other without end and no time passes.
class Stuck : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

class VirtualTime {
public:
  explicit VirtualTime(Trace& trace);
  KJ_DISALLOW_COPY(VirtualTime);

  kj::Timer& timer() { return timer_; }
  kj::WaitScope& scope() { return scope_; }
  // Since the run began.
  std::int64_t nowMicros() const;

  // Moves `clock` along from now on, after setting it to the run's time. It stays until remove().
  void add(io::ManualClock& clock);
  void remove(io::ManualClock& clock);

  // Runs until the promise has settled, and returns its value or throws what it broke with. Throws
  // Stuck after `limit` of virtual time; `what` names the promise then.
  template <typename T>
  T wait(kj::Promise<T> promise, kj::Duration limit, const std::string& what) {
    spin(limit, what, [&]() { return promise.poll(scope_); });
    return promise.wait(scope_);
  }
  // Runs everything that happens in the next `duration`.
  void runFor(kj::Duration duration);

private:
  void spin(kj::Duration limit, const std::string& what, kj::FunctionParam<bool()> done);
  void drain();
  void advanceTo(kj::TimePoint time);

  Trace& trace_;
  kj::EventLoop loop_;
  kj::WaitScope scope_;
  kj::TimerImpl timer_;
  std::vector<io::ManualClock*> clocks_;
};

}  // namespace cairn::sim
