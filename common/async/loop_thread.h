// A thread with a KJ event loop of its own: one small process within the process.
// Layer: async.  Each object created on the loop is used and destroyed on it.
#pragma once

#include <kj/async-io.h>

#include <functional>
#include <string>
#include <thread>

namespace cairn::async {

// Events after which a loop looks for I/O and for other threads' answers although it has more to
// do: one to three calls. KJ's default is never; a burst of 64 calls would keep the journal's
// thread, which has done its part, without its next for a millisecond. A look costs about 1 us.
inline constexpr unsigned POLL_EVERY_EVENTS = 32;

class LoopThread {
public:
  // What runs on the loop. It gets the loop's I/O and a promise that settles when stop() was
  // called; it should settle its own promise soon after that. Everything it owns is destroyed on
  // the loop's thread when its promise has settled.
  using Body =
      std::move_only_function<kj::Promise<void>(kj::AsyncIoContext& io, kj::Promise<void> stopped)>;

  // Starts the thread. An exception out of `body` is logged and ends the thread.
  LoopThread(std::string name, Body body);
  // stop() and join().
  ~LoopThread();

  // From any thread, any number of times; returns at once.
  void stop();
  // Waits until the body has ended. Not from the loop itself.
  void join();

private:
  kj::Own<kj::CrossThreadPromiseFulfiller<void>> stop_;
  std::thread thread_;
};

}  // namespace cairn::async
