// Lets calls that wait on an event loop be ended from elsewhere.
// Layer: client/library.  Threads: one event loop.
#pragma once

#include <kj/async.h>

#include <expected>
#include <utility>

#include "cairn/status.h"

namespace cairn::library {

class CallGate {
public:
  CallGate() { renew(); }
  KJ_DISALLOW_COPY(CallGate);

  // What passes now, and what tries to until open(), ends with CANCELLED. Any number of times.
  void shut() {
    if (shut_) return;
    shut_ = true;
    shutting_->fulfill();
  }
  void open() {
    if (shut_) renew();
  }

  // The Outcome (a Result) that the promise of `fn()` yields. `fn` is not called while the gate is
  // shut; when it is shut later, the promise is dropped.
  template <typename Outcome, typename Func>
  kj::Promise<Outcome> pass(Func&& fn) {
    if (shut_) return ended<Outcome>();
    return fn().exclusiveJoin(
        whenShut_.addBranch().then([]() -> Outcome { return ended<Outcome>(); }));
  }

private:
  template <typename Outcome>
  static Outcome ended() {
    return std::unexpected(Status(Code::CANCELLED, "the program ended the call"));
  }
  void renew() {
    auto pair = kj::newPromiseAndFulfiller<void>();
    whenShut_ = pair.promise.fork();
    shutting_ = kj::mv(pair.fulfiller);
    shut_ = false;
  }

  bool shut_ = false;
  kj::ForkedPromise<void> whenShut_ = nullptr;
  kj::Own<kj::PromiseFulfiller<void>> shutting_;
};

}  // namespace cairn::library
