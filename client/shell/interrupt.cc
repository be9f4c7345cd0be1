#include "client/shell/interrupt.h"

#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>

#include "client/shell/command.h"

namespace cairn::shell {
namespace {

constexpr std::array SIGNALS = {SIGINT, SIGTERM, SIGHUP};
constexpr char MESSAGE[] = "\ncairn: interrupted; cleaning up (once more ends at once)\n";

volatile sig_atomic_t signalled = 0;
volatile sig_atomic_t messageTo = STDERR_FILENO;
std::array<struct sigaction, SIGNALS.size()> saved;

void onSignal(int) {
  const int error = errno;
  if (signalled != 0) ::_exit(EXIT_INTERRUPTED);
  signalled = 1;
  [[maybe_unused]] const auto written = ::write(messageTo, MESSAGE, sizeof(MESSAGE) - 1);
  errno = error;
}

}  // namespace

bool interrupted() { return signalled != 0; }

CleanupScope::CleanupScope(int descriptor) {
  messageTo = descriptor;
  struct sigaction action{};
  action.sa_handler = onSignal;
  for (std::size_t i = 0; i < SIGNALS.size(); ++i) {
    ::sigaction(SIGNALS[i], &action, &saved[i]);
    // One that the parent had ignored (nohup) stays ignored.
    if (saved[i].sa_handler == SIG_IGN) ::sigaction(SIGNALS[i], &saved[i], nullptr);
  }
}

CleanupScope::~CleanupScope() {
  for (std::size_t i = 0; i < SIGNALS.size(); ++i) ::sigaction(SIGNALS[i], &saved[i], nullptr);
}

}  // namespace cairn::shell
