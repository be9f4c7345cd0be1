// Protects: the first signal asks a daemon to end in order, the second ends it, however long that
// takes.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>

#include "client/cairn/daemon.h"

namespace cairn::app {
namespace {

TEST(EndSignalDeathTest, TheSecondEndsTheProcess) {
  EXPECT_EXIT(
      {
        captureEndSignals();
        auto io = kj::setupAsyncIo();
        auto end = onEndSignal(io);
        ::kill(::getpid(), SIGTERM);
        if (end.wait(io.waitScope) != SIGTERM) std::_Exit(7);
        ::kill(::getpid(), SIGINT);
        std::_Exit(8);
      },
      ::testing::KilledBySignal(SIGINT), "");
}

}  // namespace
}  // namespace cairn::app
