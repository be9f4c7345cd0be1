// Protects clients from what a datanode does in the background, the background from clients without
// end, and the operator's view of both.
#include "datanode/store/volume_queue.h"

#include <gtest/gtest.h>
#include <kj/async.h>
#include <kj/debug.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/rpc/convert.h"
#include "tests/datanode/fakes/fixture.h"

namespace cairn::dn {
namespace {

using Waiting = std::array<bool, URGENCY_COUNT>;

TEST(WorkTurns, TheMostUrgentGoesFirst) {
  WorkTurns turns;
  EXPECT_EQ(turns.next({false, false, false, false}), std::nullopt);
  EXPECT_EQ(turns.next({true, true, true, true}), Urgency::CONTROL);
  EXPECT_EQ(turns.next({false, true, true, true}), Urgency::CLIENT);
  EXPECT_EQ(turns.next({false, false, true, true}), Urgency::REPAIR);
  EXPECT_EQ(turns.next({false, false, false, true}), Urgency::BACKGROUND);
}

// Whatever else waits all the time, each rank gets the share that the header states, and clients
// get most of the disk.
TEST(WorkTurns, NoRankStarves) {
  WorkTurns turns;
  std::array<unsigned, URGENCY_COUNT> done{};
  std::array<unsigned, URGENCY_COUNT> since{};
  const Waiting all{false, true, true, true};
  for (unsigned i = 0; i < 10'000; ++i) {
    const auto turn = static_cast<std::size_t>(turns.next(all).value());
    ++done[turn];
    for (std::size_t rank = 1; rank < URGENCY_COUNT; ++rank) {
      since[rank] = rank == turn ? 0 : since[rank] + 1;
      // Another that is due at the same moment may go before.
      EXPECT_LE(since[rank], WorkTurns::PASSED_OVER_MAX[rank] + 2) << URGENCY_NAMES[rank];
    }
  }
  EXPECT_GT(done[1], 8000U);
  EXPECT_GT(done[2], 1000U);
  EXPECT_GT(done[3], 280U);
}

class VolumeQueueTest : public ::testing::Test {
public:
  ~VolumeQueueTest() noexcept override {}

protected:
  // Notes `name` when it runs, which takes a millisecond.
  kj::Promise<void> job(Urgency urgency, std::string name) {
    return queue->at(urgency).run([this, name]() {
      order.push_back(name);
      clock.advanceMs(1);
    });
  }
  // Of the metric whose name and labels are these, in the text that the operator sees.
  std::string metric(const std::string& name, const std::string& urgency) {
    const auto line = name + "{queue=\"volume\",volume=\"1\",urgency=\"" + urgency + "\"} ";
    const auto text = registry.exposition();
    const auto at = text.find(line);
    if (at == std::string::npos) return "missing: " + line;
    return text.substr(at + line.size(), text.find('\n', at) - at - line.size());
  }

  kj::EventLoop loop;
  kj::WaitScope scope{loop};
  io::ManualClock clock;
  metrics::Registry registry;
  fakes::TestPool pool;
  kj::Own<VolumeQueue> queue = kj::heap<VolumeQueue>(pool, clock, registry, "1");
  std::vector<std::string> order;
};

// In the order of their urgency, not of their arrival; those of one urgency in that of arrival.
TEST_F(VolumeQueueTest, ClientsGoBeforeWhatCameEarlier) {
  pool.hold();
  std::vector<kj::Promise<void>> jobs;
  jobs.push_back(job(Urgency::BACKGROUND, "verify"));
  jobs.push_back(job(Urgency::REPAIR, "copy"));
  jobs.push_back(job(Urgency::CLIENT, "read"));
  jobs.push_back(job(Urgency::CLIENT, "write"));
  jobs.push_back(job(Urgency::CONTROL, "space"));
  pool.release();
  for (auto& one : jobs) one.wait(scope);
  EXPECT_EQ(order, (std::vector<std::string>{"space", "read", "write", "copy", "verify"}));
}

// A writer that always has the next packet ready: a verification goes on beside it.
TEST_F(VolumeQueueTest, ClientsWithoutEndDoNotStopTheBackground) {
  pool.hold();
  auto verification = job(Urgency::BACKGROUND, "verify");
  std::vector<kj::Promise<void>> writes;
  for (int i = 0; i < 200; ++i) writes.push_back(job(Urgency::CLIENT, "write"));
  pool.release();
  verification.wait(scope);
  const auto at = std::ranges::find(order, "verify") - order.begin();
  EXPECT_EQ(at, WorkTurns::PASSED_OVER_MAX[3]);
  for (auto& one : writes) one.wait(scope);
}

TEST_F(VolumeQueueTest, EachUrgencyIsMeasured) {
  pool.hold();
  auto first = job(Urgency::CLIENT, "first");
  auto second = job(Urgency::CLIENT, "second");
  auto verify = job(Urgency::BACKGROUND, "verify");
  EXPECT_EQ(metric("cairn_datanode_queue_length", "client"), "2");
  EXPECT_EQ(metric("cairn_datanode_queue_length", "background"), "1");
  clock.advanceMs(10);
  pool.release();
  first.wait(scope);
  second.wait(scope);
  verify.wait(scope);
  EXPECT_EQ(metric("cairn_datanode_queue_length", "client"), "0");
  // 10 ms, and 11 behind the first; the third waited for both.
  EXPECT_DOUBLE_EQ(std::stod(metric("cairn_datanode_queue_wait_seconds_sum", "client")), 0.021);
  EXPECT_DOUBLE_EQ(std::stod(metric("cairn_datanode_queue_wait_seconds_sum", "background")), 0.012);
  EXPECT_DOUBLE_EQ(std::stod(metric("cairn_datanode_queue_work_seconds_sum", "client")), 0.002);
  EXPECT_EQ(metric("cairn_datanode_queue_work_seconds_count", "background"), "1");
  EXPECT_EQ(metric("cairn_datanode_queue_rejected_total", "client"), "0");
}

// The bound is each urgency's own: a flood of orders turns no client away.
TEST_F(VolumeQueueTest, AFullQueueTurnsAwayItsOwnKindOnly) {
  pool.hold();
  std::vector<kj::Promise<void>> jobs;
  for (std::size_t i = 0; i < VolumeQueue::WAITING_MAX[3]; ++i) {
    jobs.push_back(job(Urgency::BACKGROUND, "remove"));
  }
  auto refused = rpc::caught(
      job(Urgency::BACKGROUND, "one too many").then([]() { return Result<void>(); }), "the queue");
  auto read = job(Urgency::CLIENT, "read");
  const auto answer = refused.wait(scope);
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code(), Code::OVERLOADED);
  EXPECT_EQ(metric("cairn_datanode_queue_rejected_total", "background"), "1");
  pool.release();
  read.wait(scope);
  for (auto& one : jobs) one.wait(scope);
  EXPECT_EQ(order.front(), "read");
  EXPECT_EQ(std::ranges::count(order, "one too many"), 0);
}

// A pool with less room than it should have: the youngest of the least urgent jobs is given up, and
// whoever waits for it learns why.
TEST_F(VolumeQueueTest, APoolThatIsFullCostsTheLeastUrgent) {
  pool.hold();
  auto verify = rpc::caught(
      job(Urgency::BACKGROUND, "verify").then([]() { return Result<void>(); }), "the queue");
  pool.refuse(true);
  auto read = job(Urgency::CLIENT, "read");
  EXPECT_FALSE(verify.wait(scope).has_value());
  pool.refuse(false);
  pool.release();
  read.wait(scope);
  EXPECT_EQ(order, std::vector<std::string>{"read"});
  EXPECT_EQ(queue->waiting(), 0U);
}

// As WorkPool has it: nobody's loss of interest stops a job, and what one throws is its caller's.
TEST_F(VolumeQueueTest, JobsRunWhoeverWaits) {
  pool.hold();
  {
    auto dropped = job(Urgency::CLIENT, "dropped");
  }
  auto thrown = rpc::caught(
      queue->at(Urgency::REPAIR).run([]() -> Result<void> { KJ_FAIL_REQUIRE("broken"); }),
      "the job");
  auto after = job(Urgency::BACKGROUND, "after");
  pool.release();
  EXPECT_FALSE(thrown.wait(scope).has_value());
  after.wait(scope);
  EXPECT_EQ(order, (std::vector<std::string>{"dropped", "after"}));
}

// The store may go while its jobs are still in the pool.
TEST_F(VolumeQueueTest, JobsOutliveTheQueue) {
  pool.hold();
  auto last = job(Urgency::CLIENT, "last");
  last = nullptr;
  queue = nullptr;
  pool.release();
  EXPECT_EQ(order, std::vector<std::string>{"last"});
}

}  // namespace
}  // namespace cairn::dn
