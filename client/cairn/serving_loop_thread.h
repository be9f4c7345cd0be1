// An event loop for connections on a thread of its own, with a machine of its own to touch.
// Layer: client/cairn.  Threads: made and destroyed on one thread; see ServingLoop for the rest.
#pragma once

#include <kj/async-io.h>

#include <memory>
#include <string>

#include "client/cairn/real_host.h"
#include "common/async/loop_thread.h"
#include "common/rpc/serving_loop.h"

namespace cairn::app {

class ServingLoopThread final : public rpc::ServingLoop {
public:
  // Blocks until the loop runs. `workThreads`: of its host.
  ServingLoopThread(const std::string& name, unsigned workThreads);
  // Ends it. REQUIRES: whoever it served has let go of it.
  ~ServingLoopThread() noexcept(false) override;

  const kj::Executor& executor() const override { return *executor_; }
  rpc::Host& host() override { return host_->host(); }
  kj::Own<kj::AsyncIoStream> adopt(kj::AutoCloseFd socket) override;

private:
  kj::Own<const kj::Executor> executor_;
  // Of the loop's thread.
  kj::AsyncIoContext* io_ = nullptr;
  RealHost* host_ = nullptr;
  std::unique_ptr<async::LoopThread> thread_;  // last: the others are used by it
};

}  // namespace cairn::app
