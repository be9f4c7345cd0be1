// Who calls: groups are looked up off the loop, once for all who wait, and kept for a while.
#include "namenode/state/callers.h"

#include <gtest/gtest.h>
#include <kj/debug.h>

#include "tests/namenode/held_pool.h"
#include "tests/testkit/results.h"

namespace cairn::nn {
namespace {

class CallersTest : public ::testing::Test {
public:
  ~CallersTest() noexcept override {}

protected:
  Caller* found(std::string_view user) { return callers.find(user, nowMs).value(); }
  void load(std::string_view user) {
    auto loading = callers.load(user, nowMs);
    pool.runAll();
    ASSERT_OK(loading.wait(scope));
  }

  kj::EventLoop loop;
  kj::WaitScope scope{loop};
  HeldPool pool;
  int lookUps = 0;
  std::vector<std::string> groups{"staff"};
  std::int64_t nowMs = 0;
  Callers callers{"root", "wheel",
                  [this](const std::string&) {
                    ++lookUps;
                    return groups;
                  },
                  pool};
};

// Protects the event loop: nothing is looked up on it, and many calls of one user cost one look-up.
TEST_F(CallersTest, OneLookUpForAllWhoWait) {
  EXPECT_EQ(found("alice"), nullptr);
  auto first = callers.load("alice", nowMs);
  auto second = callers.load("alice", nowMs);
  EXPECT_EQ(lookUps, 0);
  EXPECT_EQ(pool.waiting(), 1U);
  pool.runAll();
  ASSERT_OK(first.wait(scope));
  ASSERT_OK(second.wait(scope));
  EXPECT_EQ(lookUps, 1);
  ASSERT_NE(found("alice"), nullptr);
  EXPECT_EQ(found("alice")->groups, groups);
  EXPECT_FALSE(found("alice")->superuser);
}

// Protects a change of groups from being overlooked for longer than is said.
TEST_F(CallersTest, GroupsAreLookedUpAgain) {
  load("alice");
  nowMs = GROUPS_CACHED_MS - 1;
  EXPECT_NE(found("alice"), nullptr);
  nowMs = GROUPS_CACHED_MS;
  EXPECT_EQ(found("alice"), nullptr);
  groups = {"wheel"};
  load("alice");
  EXPECT_TRUE(found("alice")->superuser);
}

// Protects a look-up whose callers have all gone: it ends by itself, and the next one is served.
TEST_F(CallersTest, CallersMayLoseInterest) {
  {
    auto dropped = callers.load("alice", nowMs);
  }
  pool.runAll();
  for (int i = 0; i < 10; ++i) kj::evalLater([]() {}).wait(scope);
  EXPECT_NE(found("alice"), nullptr);
}

// Protects callers from waiting for ever, and from false rights, when no look-up can be made.
TEST_F(CallersTest, AFullPoolIsToldAndForgotten) {
  pool.full = true;
  EXPECT_CODE(Code::OVERLOADED, callers.load("alice", nowMs).wait(scope));
  EXPECT_EQ(found("alice"), nullptr);
  pool.full = false;
  load("alice");
  EXPECT_NE(found("alice"), nullptr);
}

// Protects messages and logs from names that nobody has.
TEST_F(CallersTest, NamesAreChecked) {
  const std::vector<std::string> names{"", "a:b", "a\nb", "\xff", std::string(256, 'x')};
  for (const auto& name : names) {
    EXPECT_CODE(Code::INVALID_ARGUMENT, callers.find(name, nowMs));
  }
}

}  // namespace
}  // namespace cairn::nn
