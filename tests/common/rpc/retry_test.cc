// Protects clients from retry storms: pauses grow, stay under their ceiling, heed the server's hint
// and end with the budget; hopeless failures are not retried at all.
#include "common/rpc/retry.h"

#include <gtest/gtest.h>

namespace cairn::rpc {
namespace {

TEST(Backoff, NeverRetriesWhatCannotHelp) {
  io::Random random(1);
  Backoff backoff({});
  EXPECT_FALSE(backoff.nextMs(Status(Code::NOT_FOUND, ""), random));
  EXPECT_FALSE(backoff.nextMs(Status(Code::CORRUPT, ""), random));
}

TEST(Backoff, PausesGrowToTheCeilingAndEndWithTheBudget) {
  io::Random random(1);
  const RetryPolicy policy{.firstMs = 100, .ceilingMs = 1000, .budgetMs = 10'000};
  Backoff backoff(policy);
  std::uint64_t total = 0;
  std::uint64_t step = 100;
  while (auto pause = backoff.nextMs(Status(Code::UNAVAILABLE, ""), random)) {
    const bool last = total + *pause == policy.budgetMs;
    if (!last) EXPECT_GE(*pause, step / 2);
    EXPECT_LE(*pause, step);
    total += *pause;
    step = std::min<std::uint64_t>(step * 2, 1000);
  }
  EXPECT_EQ(total, policy.budgetMs);
}

TEST(Backoff, WaitsAtLeastAsLongAsTheServerAsks) {
  io::Random random(1);
  Backoff backoff({.firstMs = 10, .ceilingMs = 20, .budgetMs = 60'000});
  EXPECT_EQ(backoff.nextMs(Status(Code::OVERLOADED, "", 700), random), 700U);
}

}  // namespace
}  // namespace cairn::rpc
