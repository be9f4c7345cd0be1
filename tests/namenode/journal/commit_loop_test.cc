// Group commit: what is told to whom, and when. The journal thread is played by the test.
#include "namenode/journal/commit_loop.h"

#include <gtest/gtest.h>
#include <kj/async-io.h>
#include <kj/timer.h>
#include <rocksdb/env.h>

#include "common/io/memory_disk.h"

#include "common/base/fault.h"
#include "namenode/meta/records.h"
#include "tests/namenode/held_pool.h"
#include "tests/testkit/results.h"

namespace cairn::nn {
namespace {

class CommitLoopTest : public ::testing::Test {
public:
  ~CommitLoopTest() noexcept override {}

protected:
  CommitLoopTest() {
    StoreOptions options;
    options.directory = "/nn";
    options.env = env.get();
    options.logDisk = &logDisk;
    EXPECT_OK(Store::format(options, {.cluster = Uuid::fromHighLow(1, 1), .name = "t"}));
    store = Store::open(options).value();
    loop = kj::heap<CommitLoop>(store, pool, timer, clock, metrics);
  }
  // One operation that makes an entry.
  TxId add(const std::string& name, bool soft = false, CommitLoop::Effect effect = {}) {
    Draft draft = loop->draft();
    record::Dirent file;
    file.set_id(1000);
    draft.addEntry(ROOT_INODE, name, file);
    if (soft) draft.markSoft();
    return loop->accept(draft, std::move(effect));
  }
  // Operations that follow each other event by event, as calls that came in together do. Returns
  // how many jobs waited for the journal's thread before each.
  std::vector<std::size_t> serveBurst(std::size_t calls, std::int64_t microsEach,
                                      const std::string& prefix) {
    std::vector<std::size_t> waiting;
    kj::Promise<void> served = kj::evalLater([]() {});  // after what has happened already
    for (std::size_t i = 0; i < calls; ++i) {
      served = served.then([this, &waiting, &prefix, microsEach, i]() -> kj::Promise<void> {
        waiting.push_back(pool.waiting());
        add(prefix + std::to_string(i));
        clock.advanceMicros(microsEach);
        return kj::READY_NOW;  // a promise: what follows is another event
      });
    }
    served.wait(waitScope);
    turn();
    return waiting;
  }
  RestsOn restsOn(const std::string& name) {
    Draft draft = loop->draft();
    EXPECT_OK(findDirent(draft, ROOT_INODE, name));
    return draft.restsOn();
  }
  // Lets everything that is ready run.
  void turn() { waitScope.poll(); }
  void runOne() {
    ASSERT_TRUE(pool.runOne());
    turn();
  }

  kj::EventLoop eventLoop;
  kj::WaitScope waitScope{eventLoop};
  kj::TimerImpl timer{kj::origin<kj::TimePoint>()};
  io::ManualClock clock;
  metrics::Registry metrics;
  HeldPool pool;
  io::MemoryDisk logDisk;
  std::unique_ptr<rocksdb::Env> env{rocksdb::NewMemEnv(rocksdb::Env::Default())};
  std::shared_ptr<Store> store;
  kj::Own<CommitLoop> loop;
};

// Protects the promise: nothing is acknowledged before its group is on the disk; and one write
// serves all that came while the one before was under way.
TEST_F(CommitLoopTest, GroupsFillWhileOneIsWritten) {
  const TxId first = add("a");
  auto done = loop->durable(first);
  turn();
  ASSERT_EQ(pool.waiting(), 1U);
  const TxId second = add("b");
  EXPECT_EQ(add("c"), second);
  EXPECT_GT(second, first);
  EXPECT_EQ(restsOn("a"), RestsOn::IN_FLIGHT);
  EXPECT_EQ(restsOn("b"), RestsOn::PENDING);
  EXPECT_EQ(pool.waiting(), 1U);  // one at a time
  EXPECT_FALSE(done.poll(waitScope));
  runOne();
  EXPECT_OK(done.wait(waitScope));
  EXPECT_TRUE(loop->isDurable(first));
  EXPECT_FALSE(loop->isDurable(second));
  EXPECT_EQ(restsOn("a"), RestsOn::DURABLE);
  ASSERT_EQ(pool.waiting(), 1U);
  runOne();
  EXPECT_OK(loop->durable(second).wait(waitScope));
  EXPECT_EQ(pool.waiting(), 0U);
  EXPECT_EQ(loop->last().counts().files(), 3U);
}

// Protects whoever asks why the namenode is slow: what waits for the disk is shown, and only that.
TEST_F(CommitLoopTest, WhatFillsIsMeasured) {
  const auto& pending = metrics.gauge("cairn_namenode_pending_bytes",
                                      "Changes in the group that fills, keys and values");
  add("a");
  const auto one = pending.value();
  EXPECT_GT(one, 0);
  turn();
  EXPECT_EQ(pending.value(), 0);  // it is being written
  add("b");
  add("c");
  EXPECT_EQ(pending.value(), 2 * one);
  runOne();
  runOne();
  EXPECT_EQ(pending.value(), 0);
}

// Protects the rate of changes: callers that come back together must not leave the disk idle while
// they are all served, where that takes as long as a write.
TEST_F(CommitLoopTest, ABurstIsSplitWhereServingIsSlow) {
  serveBurst(20, 100, "first");
  ASSERT_EQ(pool.waiting(), 1U);
  clock.advanceMicros(500);  // the disk is quicker than twice 20 x 100 us
  runOne();
  const auto waiting = serveBurst(20, 100, "second");
  EXPECT_EQ(waiting[9], 0U);
  EXPECT_EQ(waiting[11], 1U) << "half of the burst is there: the disk should be at work";
  runOne();
  EXPECT_EQ(pool.waiting(), 1U) << "the other half should follow at once";
  runOne();
  EXPECT_TRUE(findDirent(store->latest(), ROOT_INODE, "second19").value().has_value());
}

// Protects the processor: a disk that is done early would else write groups of a few calls each,
// every one with a sync and the waking of a thread.
TEST_F(CommitLoopTest, AQuickDiskWaitsForHalfOfTheBurst) {
  serveBurst(20, 100, "first");
  runOne();
  serveBurst(8, 100, "second");
  serveBurst(2, 100, "third");
  ASSERT_EQ(pool.waiting(), 1U);
  ASSERT_TRUE(pool.runOne());  // the loop hears of it in the next burst
  const auto waiting = serveBurst(18, 100, "fourth");
  EXPECT_EQ(waiting[9], 0U) << "28 may come, so 14 are worth waiting for; 11 are there";
  EXPECT_EQ(waiting[17], 1U) << "more than half of them are there";
  runOne();
  EXPECT_EQ(pool.waiting(), 1U) << "the rest should follow";
  runOne();
  EXPECT_EQ(pool.waiting(), 0U);
  EXPECT_TRUE(findDirent(store->latest(), ROOT_INODE, "fourth17").value().has_value());
}

// Protects callers from waiting for others who do not come.
TEST_F(CommitLoopTest, AQuickDiskWaitsNoLongerThanTheBurst) {
  serveBurst(20, 100, "first");
  runOne();
  serveBurst(8, 100, "second");
  serveBurst(2, 100, "third");
  runOne();
  EXPECT_EQ(pool.waiting(), 1U);
  runOne();
  EXPECT_TRUE(findDirent(store->latest(), ROOT_INODE, "third1").value().has_value());
}

// Protects a namenode that is stopped: what was lost then must not be told durable, though the
// write it was in comes to an end.
TEST_F(CommitLoopTest, AWriteThatEndsAfterAbandonTellsNothing) {
  bool happened = false;
  const TxId group = add("a", false, [&happened]() { happened = true; });
  auto done = loop->durable(group);
  turn();
  loop->abandon();
  EXPECT_EQ(done.wait(waitScope).error().code(), Code::UNAVAILABLE);
  runOne();
  EXPECT_FALSE(happened);
  EXPECT_FALSE(loop->isDurable(group));
}

// Protects slow disks from twice the syncs: there a burst shares one.
TEST_F(CommitLoopTest, ABurstIsWholeWhereTheDiskIsSlow) {
  serveBurst(20, 100, "first");
  clock.advanceMicros(50'000);
  runOne();
  const auto waiting = serveBurst(20, 100, "second");
  EXPECT_EQ(waiting[19], 0U) << "the burst is not over";
  EXPECT_EQ(pool.waiting(), 1U);
  runOne();
}

// Protects data: what follows from a change (a delete on a datanode) happens only when it is
// durable.
TEST_F(CommitLoopTest, EffectsComeAfterTheWrite) {
  bool happened = false;
  add("a", false, [&]() { happened = true; });
  turn();
  EXPECT_FALSE(happened);
  runOne();
  EXPECT_TRUE(happened);
}

// Protects the disk from a sync for each report of a datanode: soft changes wait for company, not
// for ever.
TEST_F(CommitLoopTest, SoftChangesRideAlong) {
  const TxId soft = add("a", true);
  turn();
  EXPECT_EQ(pool.waiting(), 0U);
  EXPECT_EQ(restsOn("a"), RestsOn::PENDING);
  EXPECT_EQ(add("b"), soft);
  turn();
  runOne();
  EXPECT_TRUE(loop->isDurable(soft));
  add("c", true);
  turn();
  EXPECT_EQ(pool.waiting(), 0U);
  timer.advanceTo(timer.now() + SOFT_DELAY_MS * kj::MILLISECONDS);
  turn();
  ASSERT_EQ(pool.waiting(), 1U);
  runOne();
  EXPECT_EQ(restsOn("c"), RestsOn::DURABLE);
}

// Protects a caller that rests on soft changes alone: somebody who waits makes them wanted.
TEST_F(CommitLoopTest, WaitingForASoftChangeWritesIt) {
  auto done = loop->durable(add("a", true));
  turn();
  ASSERT_EQ(pool.waiting(), 1U);
  runOne();
  EXPECT_OK(done.wait(waitScope));
}

// Protects everybody after a failed write: both groups are lost, every waiter hears why, no effect
// happens, and the loop writes nothing any more.
TEST_F(CommitLoopTest, AFailedWriteIsTheEnd) {
  bool happened = false;
  auto inFlight = loop->durable(add("a", false, [&]() { happened = true; }));
  turn();
  auto pending = loop->durable(add("b"));
  auto failed = loop->failed();
  {
    const ScopedFaults faults("nn.commit.before_write=error:IO_ERROR");
    runOne();
  }
  EXPECT_CODE(Code::UNAVAILABLE, inFlight.wait(waitScope));
  EXPECT_CODE(Code::UNAVAILABLE, pending.wait(waitScope));
  EXPECT_EQ(failed.wait(waitScope).code(), Code::UNAVAILABLE);
  EXPECT_CODE(Code::UNAVAILABLE, loop->allowChanges());
  EXPECT_CODE(Code::UNAVAILABLE, loop->durable(TxId(99)).wait(waitScope));
  EXPECT_FALSE(happened);
  EXPECT_EQ(pool.waiting(), 0U);
}

// Protects an orderly stop: drain ends when all is written.
TEST_F(CommitLoopTest, DrainWritesEverything) {
  add("a");
  add("b", true);
  auto drained = loop->drain();
  turn();
  runOne();
  drained.wait(waitScope);
  EXPECT_EQ(restsOn("b"), RestsOn::DURABLE);
}

}  // namespace
}  // namespace cairn::nn
