#include "common/io/clock.h"

#include <gtest/gtest.h>

namespace cairn::io {
namespace {

// Units: a factor of a thousand here would be leases of a minute that last an hour.
TEST(ClockTest, SystemClockIsNowInMilliseconds) {
  SystemClock clock;
  EXPECT_GT(clock.nowMs(), 1'600'000'000'000);  // 2020
  EXPECT_LT(clock.nowMs(), 4'100'000'000'000);  // 2099
  const auto first = clock.monotonicMicros();
  EXPECT_GE(clock.monotonicMicros(), first);
  EXPECT_EQ(clock.monotonicMicros() / 1'000'000, clock.monotonicMs() / 1000);
}

// Virtual time moves only when told, and a jump of the wall clock moves no deadline.
TEST(ClockTest, ManualClock) {
  ManualClock clock;
  EXPECT_EQ(ManualClock::START_MS, clock.nowMs());
  clock.advanceMs(5);
  EXPECT_EQ(ManualClock::START_MS + 5, clock.nowMs());
  EXPECT_EQ(5000, clock.monotonicMicros());
  clock.jumpWallMs(-1000);
  EXPECT_EQ(ManualClock::START_MS - 995, clock.nowMs());
  EXPECT_EQ(5000, clock.monotonicMicros());
}

}  // namespace
}  // namespace cairn::io
