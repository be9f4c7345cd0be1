// A service on an event loop and thread of its own, driven from another thread.
// Layer: client/cairn.  Threads: all calls from the one that made it.
#pragma once

#include <kj/async-io.h>

#include <functional>
#include <memory>
#include <string>

#include "client/cairn/service.h"
#include "common/async/loop_thread.h"
#include "common/base/result.h"

namespace cairn::app {

class ServiceThread {
public:
  // Makes the service on its loop.
  using Factory = std::move_only_function<kj::Own<Service>(kj::AsyncIoContext& io)>;

  ServiceThread(std::string name, Factory factory);
  // stop(), if it runs.
  ~ServiceThread();
  ServiceThread(const ServiceThread&) = delete;
  ServiceThread& operator=(const ServiceThread&) = delete;

  // Blocks until the service listens. After an error the service is gone.
  Result<void> start();
  // These settle on the caller's loop. REQUIRES: start() succeeded.
  kj::Promise<void> onReady();
  kj::Promise<Status> onFatal();
  // Block until it has ended. Any number of times; the first one counts.
  void stop();
  void dropDead();
  bool running() const { return service_.get() != nullptr; }

  const std::string& name() const { return name_; }
  // "" before start().
  const std::string& address() const { return address_; }
  // Of its pages; "" before start(), and where there are none.
  const std::string& httpAddress() const { return httpAddress_; }

private:
  void end(bool inOrder);

  std::string name_;
  Factory factory_;
  std::string address_;
  std::string httpAddress_;
  kj::Own<const kj::Executor> executor_;
  kj::Own<Service> service_;  // lives on the loop; touched only there
  std::unique_ptr<async::LoopThread> loop_;
};

}  // namespace cairn::app
