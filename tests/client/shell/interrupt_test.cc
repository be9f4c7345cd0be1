// Protects: Ctrl-C during a copy is seen by the copy, a second one ends the process at once, and
// outside of a copy a signal does what it always does.
#include "client/shell/interrupt.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>

#include "client/shell/command.h"

namespace cairn::shell {
namespace {

// Nobody is there: each call is tried again for half a second.
Client nobodysClient() {
  return Client::connect({.namenode = "127.0.0.1:1", .user = "tester", .retryBudgetMs = 500})
      .value();
}

TEST(InterruptDeathTest, TheFirstSignalIsNoticed) {
  EXPECT_EXIT(
      {
        auto client = nobodysClient();
        const CleanupScope scope(STDERR_FILENO, client);
        ::raise(SIGTERM);
        std::_Exit(interrupted() ? 7 : 8);
      },
      ::testing::ExitedWithCode(7), "cleaning up");
}

TEST(InterruptDeathTest, TheSecondEndsTheProcess) {
  EXPECT_EXIT(
      {
        auto client = nobodysClient();
        const CleanupScope scope(STDERR_FILENO, client);
        ::raise(SIGINT);
        ::raise(SIGINT);
        std::_Exit(8);
      },
      ::testing::ExitedWithCode(EXIT_INTERRUPTED), "");
}

TEST(InterruptDeathTest, OutsideOfAScopeNothingChanges) {
  EXPECT_EXIT(
      {
        auto client = nobodysClient();
        {
          const CleanupScope scope(STDERR_FILENO, client);
        }
        ::raise(SIGINT);
        std::_Exit(8);
      },
      ::testing::KilledBySignal(SIGINT), "");
}

TEST(InterruptDeathTest, WhatTheParentIgnoresStaysIgnored) {
  EXPECT_EXIT(
      {
        ::signal(SIGHUP, SIG_IGN);
        auto client = nobodysClient();
        const CleanupScope scope(STDERR_FILENO, client);
        ::raise(SIGHUP);
        std::_Exit(interrupted() ? 8 : 7);
      },
      ::testing::ExitedWithCode(7), "");
}

// Calls end with the signal, those that follow too; the clean-up after them may call.
TEST(InterruptDeathTest, TheSignalEndsCallsOfTheClient) {
  EXPECT_EXIT(
      {
        auto client = nobodysClient();
        CleanupScope scope(STDERR_FILENO, client);
        scope.enter(CleanupScope::Phase::WORKING);
        ::raise(SIGINT);
        const bool ended = client.ping().error().code() == Code::CANCELLED;
        const bool stays = client.ping().error().code() == Code::CANCELLED;
        scope.enter(CleanupScope::Phase::CLEANING);
        const bool cleans = client.ping().error().code() == Code::UNAVAILABLE;
        std::_Exit(ended && stays && cleans ? 7 : 8);
      },
      ::testing::ExitedWithCode(7), "");
}

// Standard input that says nothing does not keep a put from seeing the signal.
TEST(InterruptDeathTest, TheSignalEndsTheWaitForInput) {
  EXPECT_EXIT(
      {
        auto client = nobodysClient();
        const CleanupScope scope(STDERR_FILENO, client);
        ::raise(SIGINT);
        int ends[2];
        if (::pipe(ends) != 0) std::_Exit(9);
        CleanupScope::awaitReadable(ends[0]);
        std::_Exit(7);
      },
      ::testing::ExitedWithCode(7), "");
}

}  // namespace
}  // namespace cairn::shell
