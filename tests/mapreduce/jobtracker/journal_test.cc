// Protects the job tracker's memory: what was acknowledged is there after a crash, in order; ended
// jobs shrink to their summaries; a failed write stops all acknowledgement; ids are never used
// twice.
#include "mapreduce/jobtracker/journal.h"

#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>

#include "common/base/fault.h"
#include "tests/client/fakes/pipe_network.h"
#include "tests/testkit/results.h"
#include "tests/testkit/scratch.h"

namespace cairn::mr {
namespace {

constexpr char DIRECTORY[] = "/journal";

record::JobEvent event(std::int64_t timeMs) {
  record::JobEvent event;
  event.set_time_ms(timeMs);
  event.mutable_job_kill_requested()->set_user("user");
  return event;
}

class JournalTest : public ::testing::Test {
protected:
  ~JournalTest() noexcept override { journal = nullptr; }

  // Opens what is there; the contents.
  JournalContents open() {
    journal = nullptr;
    auto opened = loop.wait(Journal::open(loop.workPool, DIRECTORY, loop.clock.nowMs(), env.get()));
    EXPECT_OK(opened);
    if (!opened.has_value()) return {};
    journal = kj::mv(opened->journal);
    return std::move(opened->contents);
  }

  client::fakes::TestLoop loop;
  std::unique_ptr<rocksdb::Env> env{rocksdb::NewMemEnv(rocksdb::Env::Default())};
  kj::Own<Journal> journal;
};

// Events of several jobs come back whole, each job's in its order, beyond ten of them (so not in
// the order of decimal text), and events added after a restart follow the old ones.
TEST_F(JournalTest, EventsComeBackInOrder) {
  EXPECT_TRUE(open().open.empty());
  const JobId one{1000, 1};
  const JobId two{1000, 2};
  for (int i = 0; i < 300; ++i) journal->append(i % 3 == 0 ? two : one, event(i));
  ASSERT_OK(loop.wait(journal->durable()));
  auto contents = open();
  ASSERT_EQ(2u, contents.open.size());
  EXPECT_EQ(one, contents.open[0].id);
  EXPECT_EQ(200u, contents.open[0].events.size());
  EXPECT_EQ(100u, contents.open[1].events.size());
  for (const auto& job : contents.open) {
    for (std::size_t i = 1; i < job.events.size(); ++i) {
      EXPECT_LT(job.events[i - 1].time_ms(), job.events[i].time_ms());
    }
  }
  journal->append(two, event(1000));
  ASSERT_OK(loop.wait(journal->durable()));
  contents = open();
  ASSERT_EQ(101u, contents.open[1].events.size());
  EXPECT_EQ(1000, contents.open[1].events.back().time_ms());
}

// An archived job is its summary and nothing else; dropped, it is nothing.
TEST_F(JournalTest, ArchivedJobsAreTheirSummaries) {
  open();
  const JobId job{1000, 1};
  for (int i = 0; i < 12; ++i) journal->append(job, event(i));
  record::JobSummary summary;
  summary.set_message("done");
  journal->archive(job, summary);
  ASSERT_OK(loop.wait(journal->durable()));
  auto contents = open();
  EXPECT_TRUE(contents.open.empty());
  ASSERT_EQ(1u, contents.ended.size());
  EXPECT_EQ(job, contents.ended[0].id);
  EXPECT_EQ("done", contents.ended[0].summary.message());
  journal->drop(job);
  ASSERT_OK(loop.wait(journal->durable()));
  EXPECT_TRUE(open().ended.empty());
}

// Starts are numbered so that job ids differ even when the clock stands still or goes back.
TEST_F(JournalTest, EachStartHasALaterTime) {
  const auto first = open().startMs;
  const auto second = open().startMs;
  loop.clock.jumpWallMs(-1'000'000);
  const auto third = open().startMs;
  EXPECT_LT(first, second);
  EXPECT_LT(second, third);
}

// While one group is written the next one fills; each barrier waits for what was put in before it.
TEST_F(JournalTest, ABarrierWaitsForItsOwnGroup) {
  open();
  EXPECT_TRUE(journal->isDurable());
  journal->append({1000, 1}, event(1));
  EXPECT_FALSE(journal->isDurable());
  auto first = journal->durable();
  auto alsoFirst = journal->durable();
  EXPECT_FALSE(first.poll(loop.waitScope) && !journal->isDurable());
  journal->append({1000, 1}, event(2));
  auto second = journal->durable();
  EXPECT_OK(loop.wait(kj::mv(second)));
  EXPECT_OK(loop.wait(kj::mv(alsoFirst)));
  EXPECT_TRUE(journal->isDurable());
  EXPECT_EQ(2u, open().open[0].events.size());
}

// The cluster is remembered, beside the events and over later starts.
TEST_F(JournalTest, TheClusterIsRemembered) {
  EXPECT_TRUE(open().cluster.isNil());
  const auto cluster = Uuid::fromHighLow(1, 2);
  journal->append({1000, 1}, event(1));
  journal->setCluster(cluster);
  ASSERT_OK(loop.wait(journal->durable()));
  EXPECT_EQ(cluster, open().cluster);
  const auto contents = open();
  EXPECT_EQ(cluster, contents.cluster);
  EXPECT_EQ(1u, contents.open.size());
}

// After a failed write nothing is acknowledged, then or later, and whoever watches is told; what
// had been acknowledged before is still there.
TEST_F(JournalTest, AFailedWriteIsTheEnd) {
  open();
  journal->append({1000, 1}, event(1));
  ASSERT_OK(loop.wait(journal->durable()));
  auto death = journal->onDeath();
  {
    const ScopedFaults faults("jt.journal.before_write=error");
    journal->append({1000, 1}, event(2));
    EXPECT_FALSE(loop.wait(journal->durable()).has_value());
  }
  EXPECT_TRUE(death.poll(loop.waitScope));
  journal->append({1000, 1}, event(3));
  EXPECT_FALSE(loop.wait(journal->durable()).has_value());
  EXPECT_EQ(1u, open().open[0].events.size());
}

// On a real disk the whole path is made, and a second job tracker is turned away while the first
// one holds the journal.
TEST_F(JournalTest, OneJobTrackerADirectory) {
  const testkit::ScratchDir scratch;
  const auto directory = scratch / "not/there/yet";
  auto first = loop.wait(Journal::open(loop.workPool, directory, 1));
  ASSERT_OK(first);
  EXPECT_CODE(Code::IN_USE, loop.wait(Journal::open(loop.workPool, directory, 1)));
}

// A journal of a later format, or with a hole in it, is refused with the reason rather than
// misread.
TEST_F(JournalTest, WhatIsNotUnderstoodIsRefused) {
  open();
  journal->append({1000, 1}, event(1));
  journal->append({1000, 1}, event(2));
  ASSERT_OK(loop.wait(journal->durable()));
  journal = nullptr;
  const auto tamper = [&](auto change) {
    rocksdb::Options options;
    options.env = env.get();
    rocksdb::DB* raw = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(options, DIRECTORY, &raw).ok());
    std::unique_ptr<rocksdb::DB> db(raw);
    change(*db);
  };
  const auto outcome = [&]() {
    auto opened = loop.wait(Journal::open(loop.workPool, DIRECTORY, loop.clock.nowMs(), env.get()));
    return opened.has_value() ? Result<void>() : Result<void>(fail(std::move(opened).error()));
  };
  std::string firstEvent;
  tamper([&](rocksdb::DB& db) {
    std::unique_ptr<rocksdb::Iterator> at(db.NewIterator({}));
    at->Seek("E");
    ASSERT_TRUE(at->Valid());
    firstEvent = at->key().ToString();
    ASSERT_TRUE(db.Delete({}, firstEvent).ok());
  });
  EXPECT_CODE(Code::CORRUPT, outcome());
  tamper([&](rocksdb::DB& db) {
    ASSERT_TRUE(db.Put({}, firstEvent, event(1).SerializeAsString()).ok());
    record::Journal system;
    system.set_format(JOURNAL_FORMAT + 1);
    ASSERT_TRUE(db.Put({}, "S", system.SerializeAsString()).ok());
  });
  EXPECT_CODE(Code::UNSUPPORTED_VERSION, outcome());
}

}  // namespace
}  // namespace cairn::mr
