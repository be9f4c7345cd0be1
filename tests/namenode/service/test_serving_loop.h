// An event loop on a thread of its own for clients' connections, as the namenode is given them.
#pragma once

#include <kj/async-io.h>

#include <future>
#include <memory>
#include <utility>

#include "common/async/loop_thread.h"
#include "common/async/work_pool.h"
#include "common/io/clock.h"
#include "common/io/random.h"
#include "common/metrics/metrics.h"
#include "common/rpc/network.h"
#include "common/rpc/serving_loop.h"

namespace cairn::nn {

class TestServingLoop final : public rpc::ServingLoop {
public:
  TestServingLoop() {
    std::promise<void> started;
    auto ready = started.get_future();
    thread_ = std::make_unique<async::LoopThread>(
        "serving", [this, started = std::move(started)](kj::AsyncIoContext& io,
                                                        kj::Promise<void> stopped) mutable {
          auto machine = kj::heap<Machine>(io);
          executor_ = kj::getCurrentThreadExecutor().addRef();
          io_ = &io;
          machine_ = machine.get();
          started.set_value();
          return stopped.attach(kj::mv(machine));
        });
    ready.wait();
  }

  const kj::Executor& executor() const override { return *executor_; }
  rpc::Host& host() override { return machine_->host; }
  kj::Own<kj::AsyncIoStream> adopt(kj::AutoCloseFd socket) override {
    ++adopted;
    return io_->lowLevelProvider->wrapSocketFd(kj::mv(socket),
                                               kj::LowLevelAsyncIoProvider::ALREADY_CLOEXEC |
                                                   kj::LowLevelAsyncIoProvider::ALREADY_NONBLOCK);
  }

  std::atomic<int> adopted = 0;  // connections

private:
  struct Machine {
    explicit Machine(kj::AsyncIoContext& io)
        : network(rpc::newSocketNetwork(io)),
          host{io.provider->getTimer(), clock, random, *network, workers, metrics} {}
    io::SystemClock clock;
    io::Random random{7};
    kj::Own<rpc::Network> network;
    async::ThreadWorkPool workers{"work", 1, 1000};
    metrics::Registry metrics;
    rpc::Host host;
  };
  kj::Own<const kj::Executor> executor_;
  kj::AsyncIoContext* io_ = nullptr;
  Machine* machine_ = nullptr;
  std::unique_ptr<async::LoopThread> thread_;
};

}  // namespace cairn::nn
