// Protects the datanode's memory: never more is lent than there is, nobody is overtaken, and
// nothing is lost when those who wait give up.
#include "datanode/store/buffer_budget.h"

#include <gtest/gtest.h>

#include <vector>

#include "common/io/random.h"
#include "tests/testkit/results.h"

namespace cairn::dn {
namespace {

class Budget : public ::testing::Test {
public:
  ~Budget() noexcept override {}

protected:
  using Taking = kj::Promise<Result<BufferBudget::Lease>>;

  BufferBudget::Lease take(std::uint64_t bytes) { return budget.take(bytes).wait(scope).value(); }

  kj::EventLoop loop;
  kj::WaitScope scope{loop};
  BufferBudget budget{100};
};

TEST_F(Budget, ALargeOneIsNotOvertakenBySmallOnes) {
  auto held = take(60);
  auto large = budget.take(80);
  auto small = budget.take(10);
  EXPECT_FALSE(large.poll(scope));
  EXPECT_FALSE(small.poll(scope));
  held = {};
  auto largeLease = large.wait(scope).value();
  EXPECT_EQ(largeLease.bytes(), 80U);
  EXPECT_EQ(small.wait(scope).value().bytes(), 10U);
}

TEST_F(Budget, MoreThanAllIsAll) {
  auto all = take(1000);
  EXPECT_EQ(budget.usedBytes(), 100U);
}

TEST_F(Budget, OneThatGaveUpHoldsNothing) {
  auto held = take(100);
  {
    auto first = budget.take(50);
    auto second = budget.take(100);
    EXPECT_FALSE(second.poll(scope));
    held = {};
    // Both have been lent to by now, or are next; dropped here, before anybody looked.
  }
  EXPECT_EQ(budget.take(100).wait(scope).value().bytes(), 100U);
}

// Random takers that hold, give back and give up: the sum never passes the total and ends at 0.
TEST_F(Budget, NeverLendsMoreThanItHas) {
  io::Random random(3);
  std::vector<BufferBudget::Lease> held;
  std::vector<Taking> waiting;
  for (int step = 0; step < 5000; ++step) {
    switch (random.below(4)) {
      case 0:
      case 1: waiting.push_back(budget.take(1 + random.below(60))); break;
      case 2:
        if (!held.empty()) {
          std::swap(held[random.below(held.size())], held.back());
          held.pop_back();
        }
        break;
      default:
        if (!waiting.empty())
          waiting.erase(waiting.begin() + static_cast<long>(random.below(waiting.size())));
    }
    for (auto at = waiting.begin(); at != waiting.end();) {
      if (at->poll(scope)) {
        held.push_back(at->wait(scope).value());
        at = waiting.erase(at);
      } else {
        ++at;
      }
    }
    std::uint64_t sum = 0;
    for (const auto& lease : held) sum += lease.bytes();
    ASSERT_EQ(budget.usedBytes(), sum);
    ASSERT_LE(sum, 100U);
  }
  waiting.clear();
  held.clear();
  EXPECT_EQ(budget.usedBytes(), 0U);
}

}  // namespace
}  // namespace cairn::dn
