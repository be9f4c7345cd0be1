// Several ways to the same thing at once: their answers in the order in which they come.
// Layer: client/core.  Threads: one event loop.
#pragma once

#include <kj/async.h>
#include <kj/timer.h>
#include <kj/vector.h>

#include <cstddef>
#include <deque>
#include <optional>
#include <utility>

#include "client/core/signal.h"
#include "common/async/coroutine.h"
#include "common/base/result.h"
#include "common/rpc/convert.h"

namespace cairn::client {

// Destroying it, or cancel(), drops those that have not answered.
template <typename T>
class Race {
public:
  struct Answer {
    std::size_t runner;  // in the order of add(), from 0
    Result<T> result;
  };

  void add(kj::Promise<Result<T>> promise) {
    const auto runner = running_.size();
    running_.add(promise
                     .then([this, runner](Result<T> result) { arrive(runner, kj::mv(result)); },
                           [this, runner](kj::Exception&& e) {
                             arrive(runner, fail(rpc::fromException(e, "a call")));
                           })
                     .eagerlyEvaluate(nullptr));
  }
  // How many are to be told by next() yet.
  std::size_t left() const { return running_.size() - told_; }
  // The next answer. REQUIRES: left() > 0.
  kj::Promise<Answer> next() {
    while (arrived_.empty()) co_await changed_.wait();
    co_return take();
  }
  // The same, or nothing when none comes within `ms`.
  kj::Promise<std::optional<Answer>> nextWithin(kj::Timer& timer, std::uint32_t ms) {
    const auto until = timer.now() + ms * kj::MILLISECONDS;
    while (arrived_.empty()) {
      if (timer.now() >= until) co_return std::nullopt;
      co_await changed_.wait().exclusiveJoin(timer.atTime(until));
    }
    co_return take();
  }
  void cancel() { running_.clear(); }

private:
  void arrive(std::size_t runner, Result<T> result) {
    arrived_.push_back({runner, kj::mv(result)});
    changed_.notify();
  }
  Answer take() {
    auto answer = kj::mv(arrived_.front());
    arrived_.pop_front();
    ++told_;
    return answer;
  }

  std::deque<Answer> arrived_;
  std::size_t told_ = 0;
  Signal changed_;
  kj::Vector<kj::Promise<void>> running_;  // last: they use the rest
};

}  // namespace cairn::client
