// A queue between threads: nothing is lost, doubled or out of order, and a closed one takes
// nothing.
#include "common/async/mailbox.h"

#include <gtest/gtest.h>
#include <kj/async-io.h>

#include <memory>
#include <thread>
#include <vector>

namespace cairn::async {
namespace {

struct Item {
  int thread = 0;
  int number = 0;
};

// Protects the order of each sender, and that the last item wakes the loop as well as the first.
TEST(MailboxTest, ItemsOfEachThreadArriveOnceAndInOrder) {
  constexpr int THREADS = 4;
  constexpr int ITEMS = 20'000;
  auto io = kj::setupAsyncIo();
  auto done = kj::newPromiseAndFulfiller<void>();
  std::vector<int> next(THREADS, 0);
  int left = THREADS * ITEMS;
  bool inOrder = true;
  Mailbox<Item> mailbox([&](Item item) {
    inOrder = inOrder && item.number == next[static_cast<std::size_t>(item.thread)]++;
    if (--left == 0) done.fulfiller->fulfill();
  });
  std::vector<std::thread> threads;
  for (int t = 0; t < THREADS; ++t) {
    threads.emplace_back([&mailbox, t]() {
      for (int i = 0; i < ITEMS; ++i) mailbox.post({t, i});
    });
  }
  done.promise.wait(io.waitScope);
  for (auto& thread : threads) thread.join();
  EXPECT_TRUE(inOrder);
  EXPECT_EQ(left, 0);
}

// Protects whoever posts after the end: the item is gone, and nobody handles it.
TEST(MailboxTest, AClosedOneTakesNothing) {
  auto io = kj::setupAsyncIo();
  int handled = 0;
  Mailbox<std::shared_ptr<int>> mailbox([&](std::shared_ptr<int>) { ++handled; });
  auto waiting = std::make_shared<int>(1);
  mailbox.post(waiting);
  mailbox.close();
  EXPECT_EQ(waiting.use_count(), 1);
  auto late = std::make_shared<int>(2);
  mailbox.post(late);
  EXPECT_EQ(late.use_count(), 1);
  io.waitScope.poll();
  EXPECT_EQ(handled, 0);
}

}  // namespace
}  // namespace cairn::async
