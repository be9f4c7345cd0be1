// Ctrl-C while there is something to clean up. Outside of a CleanupScope a signal ends the process
// at once, as everywhere.
// Layer: client/shell.  Threads: the main thread; one scope at a time.
#pragma once

#include <cstdint>
#include <mutex>
#include <thread>

#include "cairn/client.h"

namespace cairn::shell {

// Whether SIGINT, SIGTERM or SIGHUP came during a CleanupScope. Stays true.
bool interrupted();

// While it lives, the first signal says so, makes system calls return EINTR, and ends the client's
// calls with CANCELLED: how soon depends on the phase. The second signal ends the process at once
// (exit code 130). Costs a thread, about 50 us.
class CleanupScope {
public:
  enum class Phase : std::uint8_t {
    ASKING,    // for a change whose outcome matters more than a moment: in 2 s
    WORKING,   // at once
    CLEANING,  // after 5 s
  };

  // Begins in ASKING. `messagesTo`: the descriptor where the handler says that it is cleaning up.
  // The client outlives the scope.
  CleanupScope(int messagesTo, Client& client);
  // The client takes calls again.
  ~CleanupScope();
  CleanupScope(const CleanupScope&) = delete;
  CleanupScope& operator=(const CleanupScope&) = delete;

  // The client takes calls again, for as long as the phase allows.
  void enter(Phase phase);
  // Waits until there is something to read, the end included, or a signal came.
  static void awaitReadable(int descriptor);

private:
  void watch();

  Client& client_;
  int wakeup_;        // an eventfd: what follows has changed
  std::mutex mutex_;  // guards what follows
  Phase phase_ = Phase::ASKING;
  bool phaseIsNew_ = false;
  bool over_ = false;
  std::thread watcher_;  // edge: see the constructor
};

}  // namespace cairn::shell
