// Ctrl-C while there is something to clean up. Outside of a CleanupScope a signal ends the process
// at once, as everywhere.
// Layer: client/shell.  Threads: the main thread; one scope at a time.
#pragma once

namespace cairn::shell {

// Whether SIGINT, SIGTERM or SIGHUP came during a CleanupScope. Stays true.
bool interrupted();

// While it lives, the first signal only says so and makes system calls return EINTR; the work ends
// at its next look at interrupted(). The second signal ends the process at once (exit code 130).
class CleanupScope {
public:
  // `descriptor`: where the handler says that it is cleaning up.
  explicit CleanupScope(int descriptor);
  ~CleanupScope();
  CleanupScope(const CleanupScope&) = delete;
  CleanupScope& operator=(const CleanupScope&) = delete;
};

}  // namespace cairn::shell
