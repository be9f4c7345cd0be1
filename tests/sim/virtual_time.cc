#include "tests/sim/virtual_time.h"

#include <algorithm>

namespace cairn::sim {
namespace {

// Far more than any burst of a healthy run without a timer in between.
constexpr unsigned TURNS_WITHOUT_TIME_MAX = 2'000'000;

std::int64_t microsOf(kj::TimePoint time) {
  return (time - kj::origin<kj::TimePoint>()) / kj::MICROSECONDS;
}

}  // namespace

VirtualTime::VirtualTime(Trace& trace)
    : trace_(trace), scope_(loop_), timer_(kj::origin<kj::TimePoint>()) {}

std::int64_t VirtualTime::nowMicros() const { return microsOf(timer_.now()); }

void VirtualTime::add(io::ManualClock& clock) {
  clock.advanceMicros(nowMicros() - clock.monotonicMicros());
  clocks_.push_back(&clock);
}

void VirtualTime::remove(io::ManualClock& clock) { std::erase(clocks_, &clock); }

void VirtualTime::drain() {
  loop_.run(TURNS_WITHOUT_TIME_MAX);
  if (loop_.isRunnable()) {
    throw Stuck("events follow each other without end at " + std::to_string(nowMicros()) + " us");
  }
  // What was fulfilled across threads, of which there is one here, waits to be taken in.
  scope_.poll();
}

void VirtualTime::advanceTo(kj::TimePoint time) {
  const std::int64_t micros = microsOf(time);
  for (auto* clock : clocks_) {
    clock->advanceMicros(std::max<std::int64_t>(0, micros - clock->monotonicMicros()));
  }
  trace_.setNow(micros);
  timer_.advanceTo(time);
}

void VirtualTime::spin(kj::Duration limit, const std::string& what,
                       kj::FunctionParam<bool()> done) {
  const kj::TimePoint end = timer_.now() + limit;
  while (true) {
    drain();
    if (done()) return;
    KJ_IF_MAYBE (next, timer_.nextEvent()) {
      if (*next > end) {
        advanceTo(end);
        throw Stuck(what + " has not ended within " + std::to_string(limit / kj::MILLISECONDS) +
                    " ms of virtual time");
      }
      advanceTo(*next);
    } else {
      throw Stuck(what + " waits for what never comes: no timer is left");
    }
  }
}

void VirtualTime::runFor(kj::Duration duration) {
  const kj::TimePoint end = timer_.now() + duration;
  while (true) {
    drain();
    bool due = false;
    KJ_IF_MAYBE (next, timer_.nextEvent()) {
      due = *next <= end;
      if (due) advanceTo(*next);
    }
    if (due) continue;
    advanceTo(end);
    drain();
    return;
  }
}

}  // namespace cairn::sim
