// Protects: files copied several at a time are all copied, each failure is told once and on the
// caller's thread, and the caller does not run ahead of the copies without bound.
#include "client/shell/transfer_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <set>

namespace cairn::shell {
namespace {

// Nobody answers there; the pool needs a client for signals only.
Client idleClient() { return Client::connect({.namenode = "127.0.0.1:1", .user = "ann"}).value(); }

TEST(TransferPool, RunsEveryJobAndTellsEachFailureOnce) {
  auto client = idleClient();
  for (const unsigned threads : {1U, 4U}) {
    std::atomic<int> ran = 0;
    std::multiset<std::string> failures;
    const auto caller = std::this_thread::get_id();
    TransferPool pool(client, threads, [&](std::string_view shown, const Status& why) {
      EXPECT_EQ(std::this_thread::get_id(), caller);
      EXPECT_EQ(why.code(), Code::NOT_FOUND);
      failures.emplace(shown);
    });
    for (int i = 0; i < 200; ++i) {
      pool.run([&, i](Leftovers* leftovers) -> std::optional<TransferPool::Failure> {
        EXPECT_EQ(leftovers == nullptr, threads == 1);
        ++ran;
        if (i % 50 != 0) return std::nullopt;
        return TransferPool::Failure{.shown = std::to_string(i),
                                     .why = Status(Code::NOT_FOUND, "")};
      });
    }
    pool.finish();
    EXPECT_EQ(ran, 200);
    EXPECT_EQ(failures, (std::multiset<std::string>{"0", "50", "100", "150"}));
    // And once more, with the same pool.
    pool.run([&](Leftovers*) -> std::optional<TransferPool::Failure> {
      ++ran;
      return std::nullopt;
    });
    pool.finish();
    EXPECT_EQ(ran, 201);
  }
}

TEST(TransferPool, FewJobsWait) {
  auto client = idleClient();
  std::atomic<int> begun = 0;
  std::atomic<int> ended = 0;
  TransferPool pool(client, 2, [](std::string_view, const Status&) {});
  for (int i = 0; i < 50; ++i) {
    pool.run([&](Leftovers*) -> std::optional<TransferPool::Failure> {
      ++ended;
      return std::nullopt;
    });
    ++begun;
    // Two run, two wait, one more may have been handed over.
    EXPECT_LE(begun - ended, 5);
  }
}

}  // namespace
}  // namespace cairn::shell
