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

TEST(InterruptDeathTest, TheFirstSignalIsNoticed) {
  EXPECT_EXIT(
      {
        const CleanupScope scope(STDERR_FILENO);
        ::raise(SIGTERM);
        std::_Exit(interrupted() ? 7 : 8);
      },
      ::testing::ExitedWithCode(7), "cleaning up");
}

TEST(InterruptDeathTest, TheSecondEndsTheProcess) {
  EXPECT_EXIT(
      {
        const CleanupScope scope(STDERR_FILENO);
        ::raise(SIGINT);
        ::raise(SIGINT);
        std::_Exit(8);
      },
      ::testing::ExitedWithCode(EXIT_INTERRUPTED), "");
}

TEST(InterruptDeathTest, OutsideOfAScopeNothingChanges) {
  EXPECT_EXIT(
      {
        {
          const CleanupScope scope(STDERR_FILENO);
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
        const CleanupScope scope(STDERR_FILENO);
        ::raise(SIGHUP);
        std::_Exit(interrupted() ? 8 : 7);
      },
      ::testing::ExitedWithCode(7), "");
}

}  // namespace
}  // namespace cairn::shell
