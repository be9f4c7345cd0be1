// Protects a client's patience: what it tries again, for how long, whom it tells, and that nothing
// takes effect twice.
#include "client/core/namenode_client.h"

#include <gtest/gtest.h>

#include "tests/client/fakes/fixture.h"

namespace cairn::client {
namespace {

class NamenodeCalls : public fakes::ClientTest {
protected:
  NamenodeCalls() {
    options.onRetry = [this](const RetryNotice& notice) { notices.push_back(notice); };
  }
  std::vector<RetryNotice> notices;
};

TEST_F(NamenodeCalls, ANamenodeThatIsDownIsWaitedForAndTheUserTold) {
  start(1);
  stopNamenode();
  auto asking = files->stat("/");
  wait(loop.timer.afterDelay(10 * kj::SECONDS));
  EXPECT_FALSE(asking.poll(loop.waitScope));
  startNamenode();
  EXPECT_TRUE(wait(kj::mv(asking)).value().isDirectory());
  ASSERT_GE(notices.size(), 3u);
  for (std::size_t i = 0; i < notices.size(); ++i) {
    EXPECT_EQ(notices[i].address, "namenode");
    EXPECT_EQ(notices[i].what, "stat");
    EXPECT_EQ(notices[i].failure.code(), Code::UNAVAILABLE);
    EXPECT_EQ(notices[i].attempt, i + 1);
  }
}

TEST_F(NamenodeCalls, PatienceEnds) {
  start(1);
  stopNamenode();
  auto began = loop.clock.monotonicMs();
  auto entry = wait(files->stat("/"));
  ASSERT_FALSE(entry.has_value());
  EXPECT_EQ(entry.error().code(), Code::UNAVAILABLE);
  EXPECT_NE(entry.error().message().find("namenode"), std::string::npos);
  auto tookMs = loop.clock.monotonicMs() - began;
  EXPECT_GE(tookMs, options.retry.budgetMs - options.retry.ceilingMs);
  EXPECT_LE(tookMs, options.retry.budgetMs + 1000);
}

TEST_F(NamenodeCalls, ABudgetOfZeroNeverRetries) {
  options.retry.budgetMs = 0;
  start(1);
  stopNamenode();
  EXPECT_FALSE(wait(files->stat("/")).has_value());
  EXPECT_TRUE(notices.empty());
}

TEST_F(NamenodeCalls, OnlyWhatMaySucceedLaterIsTriedAgain) {
  EXPECT_TRUE(worthRetrying(Status(Code::OVERLOADED, "")));
  EXPECT_TRUE(worthRetrying(Status(Code::UNAVAILABLE, "")));
  EXPECT_TRUE(worthRetrying(Status(Code::TIMED_OUT, "")));
  EXPECT_TRUE(worthRetrying(Status(Code::NOT_REPLICATED_YET, "")));
  EXPECT_FALSE(worthRetrying(Status(Code::NOT_FOUND, "")));
  EXPECT_FALSE(worthRetrying(Status(Code::PLACEMENT_FAILED, "")));
  // An operator's safe mode lasts until he ends it; the one at the start says when to come back.
  EXPECT_FALSE(worthRetrying(Status(Code::SAFE_MODE, "")));
  EXPECT_TRUE(worthRetrying(Status(Code::SAFE_MODE, "", 1000)));

  start(1);
  namenode.refusals = {Status(Code::OVERLOADED, "busy", 2000), Status(Code::SAFE_MODE, "", 500)};
  auto began = loop.clock.monotonicMs();
  EXPECT_TRUE(wait(files->mkdirs("/d")).value());
  EXPECT_EQ(notices.size(), 2u);
  EXPECT_GE(loop.clock.monotonicMs() - began, 2500);
  namenode.refusals = {Status(Code::PERMISSION_DENIED, "no")};
  EXPECT_EQ(wait(files->mkdirs("/e")).error().code(), Code::PERMISSION_DENIED);
}

// The second try of a change that was done must get the answer of the first, not a new one.
TEST_F(NamenodeCalls, ALostAnswerIsAskedForAgainNotDoneAgain) {
  start(1);
  namenode.loseReplies = 2;
  EXPECT_TRUE(wait(files->mkdirs("/d")).value());
  EXPECT_EQ(namenode.effects["mkdirs"], 1u);
  ASSERT_TRUE(write("/a", "x").has_value());
  namenode.loseReplies = 1;
  EXPECT_TRUE(wait(files->rename("/a", "/b")).has_value());
  EXPECT_EQ(namenode.effects["rename"], 1u);
  namenode.loseReplies = 1;
  EXPECT_TRUE(wait(files->remove("/b")).value());
  EXPECT_FALSE(wait(files->remove("/b")).value());
}

// Several calls at once: a retry of the older one must find its answer although younger ones are
// done.
TEST_F(NamenodeCalls, AnswersOfOpenCallsAreKept) {
  start(1);
  namenode.loseReplies = 1;
  auto slow = files->mkdirs("/slow");
  loop.settle();
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(wait(files->mkdirs("/d" + std::to_string(i))).value());
  }
  EXPECT_TRUE(wait(kj::mv(slow)).value());
  EXPECT_EQ(namenode.effects["mkdirs"], 21u);
}

TEST_F(NamenodeCalls, ListsByPages) {
  start(1);
  for (int i = 0; i < 8; ++i) ASSERT_TRUE(write("/f" + std::to_string(i), "").has_value());
  auto first = wait(files->list("/")).value();
  EXPECT_EQ(first.entries.size(), 3u);
  EXPECT_TRUE(first.more);
  auto rest = wait(files->list("/", "f2", 100)).value();
  EXPECT_EQ(rest.entries.size(), 5u);
  EXPECT_EQ(rest.entries.front().name, "f3");
  EXPECT_FALSE(rest.more);
}

}  // namespace
}  // namespace cairn::client
