#include "client/core/call_numbers.h"

#include <gtest/gtest.h>

#include <optional>

#include "client/core/suspects.h"

namespace cairn::client {
namespace {

// Protects exactly-once: a mark above a call that may still be retried makes the namenode forget
// its answer, and the retry takes effect a second time.
TEST(CallNumbers, TheLowestOpenCallNeverPassesOneThatMayBeRetried) {
  CallNumbers numbers;
  EXPECT_EQ(numbers.lowestOpen(), 1u);
  std::optional<CallNumbers::Open> first(numbers.begin());
  std::optional<CallNumbers::Open> second(numbers.begin());
  EXPECT_EQ(first->id(), 1u);
  EXPECT_EQ(second->id(), 2u);
  EXPECT_EQ(numbers.lowestOpen(), 1u);
  second.reset();
  EXPECT_EQ(numbers.lowestOpen(), 1u);
  auto third = numbers.begin();
  first.reset();
  EXPECT_EQ(numbers.lowestOpen(), 3u);
  auto moved = std::move(third);
  EXPECT_EQ(numbers.lowestOpen(), 3u);
}

// Protects a reader from avoiding a node for ever, or not at all.
TEST(Suspects, AreForgivenAfterAWhileOrASuccess) {
  Suspects suspects;
  suspects.failed(1, 1000);
  EXPECT_TRUE(suspects.contains(1, 1000 + Suspects::AVOID_MS - 1));
  EXPECT_FALSE(suspects.contains(1, 1000 + Suspects::AVOID_MS));
  EXPECT_FALSE(suspects.contains(2, 1000));
  suspects.failed(1, 2000);
  suspects.worked(1);
  EXPECT_FALSE(suspects.contains(1, 2000));
}

}  // namespace
}  // namespace cairn::client
