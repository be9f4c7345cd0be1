// Protects notes on disks that are full or slow for a while: they say in the end what is known, and
// a disk that refuses them is not asked all the time.
#include "datanode/store/kept_note.h"

#include <gtest/gtest.h>
#include <kj/async.h>
#include <kj/debug.h>

#include <vector>

namespace cairn::dn {
namespace {

class KeptNoteTest : public ::testing::Test, private kj::TaskSet::ErrorHandler {
public:
  ~KeptNoteTest() noexcept override {}

protected:
  void pass(std::int64_t ms) {
    timer.advanceTo(timer.now() + ms * kj::MILLISECONDS);
    scope.poll();
  }
  // What is known, and what has been written of it; one that is refused is -1.
  int known = 0;
  std::vector<int> written;
  bool refuses = false;
  kj::Maybe<kj::Own<kj::PromiseFulfiller<void>>> slow;  // ends the write that is under way
  bool isSlow = false;

private:
  void taskFailed(kj::Exception&& e) override { ADD_FAILURE() << e.getDescription().cStr(); }
  kj::Promise<Result<void>> write() {
    if (refuses) {
      written.push_back(-1);
      return Result<void>(fail(Code::DISK_FULL, "full"));
    }
    written.push_back(known);
    if (!isSlow) return Result<void>();
    auto pair = kj::newPromiseAndFulfiller<void>();
    slow = kj::mv(pair.fulfiller);
    return pair.promise.then([]() { return Result<void>(); });
  }

  kj::EventLoop loop;

protected:
  kj::WaitScope scope{loop};
  kj::TimerImpl timer{kj::origin<kj::TimePoint>()};

private:
  kj::TaskSet tasks{*this};

protected:
  KeptNote note{timer, tasks, "what is known", [this]() { return write(); }};
};

TEST_F(KeptNoteTest, OneThatCannotBeWrittenIsTriedAgain) {
  refuses = true;
  known = 1;
  note.changed();
  pass(0);
  EXPECT_EQ(written, std::vector<int>{-1});
  pass(KeptNote::AGAIN_MS - 1);
  EXPECT_EQ(written.size(), 1U) << "the disk is left alone meanwhile";
  pass(1);
  EXPECT_EQ(written, (std::vector<int>{-1, -1}));
  refuses = false;
  pass(KeptNote::AGAIN_MS);
  EXPECT_EQ(written, (std::vector<int>{-1, -1, 1}));
  pass(10 * KeptNote::AGAIN_MS);
  EXPECT_EQ(written.size(), 3U) << "and not when it is written";
}

TEST_F(KeptNoteTest, AChangeDoesNotWaitForTheNextTry) {
  refuses = true;
  note.changed();
  pass(1);
  refuses = false;
  known = 2;
  note.changed();
  pass(1);
  EXPECT_EQ(written, (std::vector<int>{-1, 2}));
  pass(2 * KeptNote::AGAIN_MS);
  EXPECT_EQ(written.size(), 2U);
}

TEST_F(KeptNoteTest, WhatChangesMeanwhileGoesIntoTheNext) {
  isSlow = true;
  note.changed();
  pass(0);
  for (known = 1; known < 5; ++known) note.changed();
  pass(KeptNote::AGAIN_MS);
  EXPECT_EQ(written, std::vector<int>{0}) << "one at a time";
  isSlow = false;
  KJ_ASSERT_NONNULL(slow)->fulfill();
  pass(0);
  EXPECT_EQ(written, (std::vector<int>{0, 5}));
}

TEST_F(KeptNoteTest, NoneIsTriedAgainAtTheEnd) {
  refuses = true;
  note.changed();
  pass(0);
  note.stopRetrying();
  pass(2 * KeptNote::AGAIN_MS);
  EXPECT_EQ(written.size(), 1U);
  note.changed();
  pass(0);
  pass(2 * KeptNote::AGAIN_MS);
  EXPECT_EQ(written.size(), 2U);
}

}  // namespace
}  // namespace cairn::dn
