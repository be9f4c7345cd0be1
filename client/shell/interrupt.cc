#include "client/shell/interrupt.h"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <optional>

#include "client/shell/command.h"

namespace cairn::shell {
namespace {

using Time = std::chrono::steady_clock::time_point;
using Phase = CleanupScope::Phase;

constexpr std::array SIGNALS = {SIGINT, SIGTERM, SIGHUP};
constexpr char MESSAGE[] = "\ncairn: interrupted; cleaning up (once more ends at once)\n";

// Of the handler and of the watchers' threads, which a sig_atomic_t is not for.
static_assert(std::atomic<int>::is_always_lock_free);
std::atomic<int> signalled = 0;
std::atomic<int> messageTo = STDERR_FILENO;
// An eventfd that becomes readable at the first signal, and stays so. -1 before the first scope, or
// when the system had none: then calls end later, at their own deadlines.
std::atomic<int> signalEvent = -1;
std::array<struct sigaction, SIGNALS.size()> saved;

void notify(int event) {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(event, &one, sizeof(one));
}

void onSignal(int) {
  const int error = errno;
  if (signalled.exchange(1) != 0) ::_exit(EXIT_INTERRUPTED);
  [[maybe_unused]] const auto written = ::write(messageTo, MESSAGE, sizeof(MESSAGE) - 1);
  notify(signalEvent);
  errno = error;
}

std::chrono::milliseconds patienceIn(Phase phase) {
  switch (phase) {
    case Phase::ASKING: return std::chrono::seconds(2);
    case Phase::WORKING: return std::chrono::milliseconds(0);
    case Phase::CLEANING: break;
  }
  return std::chrono::seconds(5);
}

Time now() { return std::chrono::steady_clock::now(); }  // edge: a person's patience

int pollTimeout(const std::optional<Time>& end) {
  if (!end) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*end - now());
  return static_cast<int>(std::max<std::int64_t>(0, left.count()));
}

}  // namespace

bool interrupted() { return signalled != 0; }

CleanupScope::CleanupScope(int messagesTo, Client& client)
    : client_(client), wakeup_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  messageTo = messagesTo;
  if (signalEvent < 0) signalEvent = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  // The watcher takes no signals: they are to interrupt this thread's system calls.
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_BLOCK, &all, &before);
  watcher_ = std::thread([this]() { watch(); });  // edge: waits for signals, beside any loop
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
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
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  notify(wakeup_);
  watcher_.join();
  ::close(wakeup_);
  if (interrupted()) client_.allowCalls();
}

void CleanupScope::enter(Phase phase) {
  {
    const std::lock_guard lock(mutex_);
    phase_ = phase;
    phaseIsNew_ = true;
    if (interrupted()) client_.allowCalls();
  }
  notify(wakeup_);
}

void CleanupScope::awaitReadable(int descriptor) {
  std::array<pollfd, 2> descriptors{{{.fd = descriptor, .events = POLLIN, .revents = 0},
                                     {.fd = signalEvent, .events = POLLIN, .revents = 0}}};
  // An error of poll() shows itself at the read that follows.
  ::poll(descriptors.data(), descriptors.size(), -1);
}

void CleanupScope::watch() {
  std::unique_lock lock(mutex_);
  bool seen = false;
  std::optional<Time> end;  // of the patience with the present phase, once a signal came
  while (!over_) {
    if (interrupted() && (!seen || phaseIsNew_)) {
      end = now() + patienceIn(phase_);
      seen = true;
    }
    phaseIsNew_ = false;
    if (end && now() >= *end) {
      // With the lock held, so that the next phase is not hit.
      client_.cancelCalls();
      end.reset();
    }
    lock.unlock();
    std::array<pollfd, 2> descriptors{
        {{.fd = wakeup_, .events = POLLIN, .revents = 0},
         {.fd = seen ? -1 : signalEvent.load(), .events = POLLIN, .revents = 0}}};
    ::poll(descriptors.data(), descriptors.size(), pollTimeout(end));
    std::uint64_t count = 0;
    [[maybe_unused]] const auto got = ::read(wakeup_, &count, sizeof(count));
    lock.lock();
  }
}

}  // namespace cairn::shell
