// Protects the coroutine adapter: results, exceptions, cancellation and order must be those of
// ordinary KJ promises, since every daemon is written in terms of it.
#include "common/async/coroutine.h"

#include <gtest/gtest.h>
#include <kj/async-io.h>
#include <kj/debug.h>

#include <memory>
#include <stdexcept>

namespace cairn::async {
namespace {

struct Loop {
  kj::EventLoop loop;
  kj::WaitScope scope{loop};
};

kj::Promise<std::int64_t> addLater(std::int64_t a, std::int64_t b) {
  co_await kj::evalLater([]() {});
  co_return a + b;
}

kj::Promise<std::int64_t> sumLoop(std::int64_t n) {
  std::int64_t sum = 0;
  for (std::int64_t i = 0; i < n; ++i) sum = co_await addLater(sum, i);
  co_return sum;
}

TEST(Coroutine, ReturnsValuesThroughManyAwaits) {
  Loop loop;
  EXPECT_EQ(sumLoop(100000).wait(loop.scope), 4999950000);
}

kj::Promise<void> throwKj() {
  co_await kj::evalLater([]() {});
  KJ_FAIL_REQUIRE("deliberate");
}
kj::Promise<void> throwStdAtOnce() {
  throw std::runtime_error("deliberate");
  co_return;
}
kj::Promise<int> catching() {
  int caught = 0;
  try {
    co_await throwKj();
  } catch (const kj::Exception&) {
    ++caught;
  }
  try {
    co_await throwStdAtOnce();
  } catch (const kj::Exception&) {
    ++caught;
  }
  co_return caught;
}

TEST(Coroutine, ExceptionsReachTheAwaiter) {
  Loop loop;
  EXPECT_EQ(catching().wait(loop.scope), 2);
}

struct Witness {
  explicit Witness(int& gone) : gone(gone) {}
  ~Witness() { ++gone; }
  KJ_DISALLOW_COPY(Witness);
  int& gone;
};
kj::Promise<void> waitForEver(int& gone) {
  Witness outer(gone);
  auto inner = std::make_unique<Witness>(gone);
  co_await kj::Promise<void>(kj::NEVER_DONE);
}

TEST(Coroutine, DroppingThePromiseDestroysTheLocals) {
  Loop loop;
  int gone = 0;
  {
    auto promise = waitForEver(gone);
    EXPECT_FALSE(promise.poll(loop.scope));
    EXPECT_EQ(gone, 0);
  }
  EXPECT_EQ(gone, 2);
}

TEST(Coroutine, RunsAtOnceUpToItsFirstSuspension) {
  Loop loop;
  int steps = 0;
  auto body = [](int& steps) -> kj::Promise<void> {
    ++steps;
    co_await kj::evalLater([]() {});
    ++steps;
  };
  auto promise = body(steps);
  EXPECT_EQ(steps, 1);
  promise.wait(loop.scope);
  EXPECT_EQ(steps, 2);
}

TEST(Coroutine, WorksUnderForkAndExclusiveJoin) {
  Loop loop;
  auto forked = addLater(2, 3).fork();
  auto a = forked.addBranch();
  auto b = forked.addBranch();
  EXPECT_EQ(a.wait(loop.scope) + b.wait(loop.scope), 10);
  int gone = 0;
  addLater(1, 1).ignoreResult().exclusiveJoin(waitForEver(gone)).wait(loop.scope);
  EXPECT_EQ(gone, 2);
}

kj::Promise<std::unique_ptr<int>> moveOnly(std::unique_ptr<int> value) {
  co_await kj::evalLater([]() {});
  co_return value;
}

TEST(Coroutine, CarriesMoveOnlyValues) {
  Loop loop;
  EXPECT_EQ(*moveOnly(std::make_unique<int>(7)).wait(loop.scope), 7);
}

}  // namespace
}  // namespace cairn::async
