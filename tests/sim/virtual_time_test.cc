#include "tests/sim/virtual_time.h"

#include <gtest/gtest.h>
#include <kj/debug.h>

#include "common/async/coroutine.h"

namespace cairn::sim {
namespace {

kj::Promise<void> nap(kj::Timer& timer, int times) {
  for (int i = 0; i < times; ++i) co_await timer.afterDelay(1 * kj::HOURS);
}

// Virtual time is what makes hours of heartbeats and leases testable in milliseconds; components
// read it from two places, timer and clock, which must agree.
TEST(VirtualTime, LeapsFromTimerToTimerAndTakesTheClocksAlong) {
  Trace trace;
  VirtualTime time(trace);
  time.runFor(5 * kj::MILLISECONDS);
  io::ManualClock clock;
  time.add(clock);
  time.wait(nap(time.timer(), 24), 2 * kj::DAYS, "naps");
  EXPECT_EQ(time.nowMicros(), 24 * 3600 * 1'000'000LL + 5000);
  EXPECT_EQ(clock.monotonicMicros(), time.nowMicros());
  EXPECT_EQ(clock.nowMs(), io::ManualClock::START_MS + time.nowMicros() / 1000);
}

// A run that hangs must end as a failure with a reason, not as a test that never ends.
TEST(VirtualTime, SaysWhatItIsStuckOn) {
  Trace trace;
  VirtualTime time(trace);
  EXPECT_THROW(time.wait(kj::Promise<void>(kj::NEVER_DONE), 1 * kj::SECONDS, "nothing"), Stuck);
  EXPECT_THROW(time.wait(nap(time.timer(), 2), 1 * kj::HOURS, "long naps"), Stuck);
  EXPECT_EQ(time.nowMicros(), 3600 * 1'000'000LL);
}

kj::Promise<void> spinForever() {
  while (true) co_await kj::evalLater([]() {});
}

TEST(VirtualTime, FindsALoopInWhichNoTimePasses) {
  Trace trace;
  VirtualTime time(trace);
  EXPECT_THROW(time.wait(spinForever(), 1 * kj::SECONDS, "spinning"), Stuck);
}

}  // namespace
}  // namespace cairn::sim
