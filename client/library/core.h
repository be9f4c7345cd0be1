// What stands behind cairn::Client: one event-loop thread with a FileSystem on it, and the way to
// run something there from any other thread.
// Layer: client/library.  Threads: call() from any thread but the loop's own.
#pragma once

#include <kj/async.h>

#include <memory>
#include <string>
#include <utility>

#include "cairn/options.h"
#include "client/core/file_system.h"
#include "client/core/options.h"
#include "client/library/call_gate.h"
#include "common/async/loop_thread.h"

namespace cairn::library {

class Core {
public:
  // Starts the loop's thread; connects to nobody. `workThreads`: for compression, started when
  // first needed.
  Core(client::Options options, unsigned workThreads);
  // Stops the thread. No call may be under way.
  ~Core();
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;

  // Runs `fn(fileSystem)` on the loop and waits for the Result that its promise yields. References
  // that `fn` holds need only live until call() returns.
  template <typename Func>
  auto call(Func&& fn) {
    using Outcome =
        decltype(unwrap(std::declval<std::invoke_result_t<Func&, client::FileSystem&>>()));
    return executor_->executeSync([&]() -> kj::Promise<Outcome> {
      return gate_->pass<Outcome>([&]() {
        return kj::evalNow([&]() { return fn(*fileSystem_); })
            .catch_([](kj::Exception&& e) -> Outcome { return std::unexpected(internalError(e)); });
      });
    });
  }
  // Runs `fn()` on the loop and waits until it has returned.
  template <typename Func>
  auto run(Func&& fn) {
    return executor_->executeSync(std::forward<Func>(fn));
  }

  // Every call() under way, and all that follow until allowCalls(), end with CANCELLED. From any
  // thread but the loop's own.
  void cancelCalls() {
    run([this]() { gate_->shut(); });
  }
  void allowCalls() {
    run([this]() { gate_->open(); });
  }

  const client::Options& options() const { return options_; }

private:
  template <typename T>
  static T unwrap(kj::Promise<T>&&);
  static Status internalError(const kj::Exception& exception);

  const client::Options options_;
  kj::Own<const kj::Executor> executor_;
  client::FileSystem* fileSystem_ = nullptr;  // these two live on the loop
  CallGate* gate_ = nullptr;
  std::unique_ptr<async::LoopThread> loop_;
};

}  // namespace cairn::library
