// Protects writers and datanodes from a namenode that stood still: that time is not held against
// them.
#include "namenode/state/awake_clock.h"

#include <gtest/gtest.h>

namespace cairn::nn {
namespace {

TEST(AwakeClock, RunsAsTimeDoesWhileItIsAsked) {
  AwakeClock clock(5'000);
  for (std::int64_t ms = 5'000; ms < 100'000; ms += AwakeClock::EVERY_MS) {
    EXPECT_EQ(clock.at(ms), ms);
  }
  EXPECT_EQ(clock.at(99'000 + AwakeClock::GAP_MS), 99'000 + AwakeClock::GAP_MS);
  EXPECT_EQ(clock.stoodStillMs(), 0);
}

TEST(AwakeClock, LeavesOutWhatItStoodStill) {
  AwakeClock clock(0);
  EXPECT_EQ(clock.at(1'000), 1'000);
  // Whoever asks first.
  EXPECT_EQ(clock.at(3'601'000), 1'000 + AwakeClock::EVERY_MS);
  EXPECT_EQ(clock.at(3'601'001), 1'001 + AwakeClock::EVERY_MS);
  EXPECT_EQ(clock.stoodStillMs(), 3'600'000 - AwakeClock::EVERY_MS);
  EXPECT_EQ(clock.at(3'602'000), 3'000);
}

}  // namespace
}  // namespace cairn::nn
