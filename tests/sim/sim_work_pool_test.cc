#include "tests/sim/sim_work_pool.h"

#include <gtest/gtest.h>
#include <kj/debug.h>

#include <algorithm>
#include <vector>

#include "tests/sim/virtual_time.h"

namespace cairn::sim {
namespace {

std::vector<int> orderOf(unsigned workers, std::uint64_t seed) {
  Trace trace;
  VirtualTime time(trace);
  SimWorkPool pool(time.timer(), io::Random(seed), {.workers = workers}, trace, "pool");
  std::vector<int> order;
  auto jobs = kj::heapArrayBuilder<kj::Promise<void>>(50);
  for (int i = 0; i < 50; ++i) jobs.add(pool.run([&order, i]() { order.push_back(i); }));
  time.wait(kj::joinPromises(jobs.finish()), 10 * kj::SECONDS, "jobs");
  return order;
}

// Code that leans on an order which real threads do not keep must fail here; code that leans on the
// order of a single thread must not.
TEST(SimWorkPool, OvertakesOnlyWithSeveralWorkersAndTheSameWayEachTime) {
  EXPECT_TRUE(std::ranges::is_sorted(orderOf(1, 7)));
  EXPECT_FALSE(std::ranges::is_sorted(orderOf(4, 7)));
  EXPECT_EQ(orderOf(4, 7), orderOf(4, 7));
  EXPECT_NE(orderOf(4, 7), orderOf(4, 8));
}

// The contract of WorkPool: a job whose promise was dropped runs; one that throws breaks its
// promise and nothing else; and the end of a process takes what has not run with it.
TEST(SimWorkPool, KeepsTheContractOfWorkPool) {
  Trace trace;
  VirtualTime time(trace);
  int ran = 0;
  auto pool = std::make_unique<SimWorkPool>(time.timer(), io::Random(1), WorkPace(), trace, "pool");
  {
    auto dropped = pool->run([&]() { ++ran; });
  }
  time.runFor(1 * kj::SECONDS);
  EXPECT_EQ(ran, 1);
  EXPECT_EQ(time.wait(pool->run([]() { return 42; }), 1 * kj::SECONDS, "a job"), 42);
  EXPECT_THROW(time.wait(pool->run([]() { KJ_FAIL_REQUIRE("no"); }), 1 * kj::SECONDS, "a job"),
               kj::Exception);
  auto lost = pool->run([&]() { ++ran; });
  pool = nullptr;
  time.runFor(1 * kj::SECONDS);
  EXPECT_EQ(ran, 1);
}

}  // namespace
}  // namespace cairn::sim
