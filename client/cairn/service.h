// One daemon's work, whatever it is: what `cairn namenode` runs alone and `cairn mini` runs beside
// others.
// Layer: client/cairn.  Threads: made, used and destroyed on one event loop.
#pragma once

#include <kj/async.h>

#include <string>

#include "common/async/coroutine.h"
#include "common/base/result.h"

namespace cairn::app {

class Service {
public:
  virtual ~Service() noexcept(false) = default;
  // Once. Answers when the service listens.
  virtual kj::Promise<Result<void>> start() = 0;
  // Settles when the service is of full use: a datanode or task tracker has registered.
  virtual kj::Promise<void> onReady() { return kj::READY_NOW; }
  // Settles, with the reason, when the service cannot go on and the process should end.
  virtual kj::Promise<Status> onFatal() { return kj::Promise<Status>(kj::NEVER_DONE); }
  // Ends it in order.
  virtual kj::Promise<void> stop() = 0;
  // Ends it as a crash would, for trying what happens then: the sockets drop, nothing is
  // written any more. Services that cannot do so stop in order.
  virtual kj::Promise<void> dropDead() { return stop(); }
  // "127.0.0.1:8020", once started.
  virtual std::string address() const = 0;
  // Where its pages are, "127.0.0.1:9870", once started; "": there are none.
  virtual std::string httpAddress() const { return {}; }
};

}  // namespace cairn::app
