// A network of in-memory pipes, and one event loop on virtual time: client, namenode and
// datanodes of a test live on it together.
#pragma once

#include <kj/async-io.h>
#include <kj/timer.h>

#include <deque>
#include <map>
#include <string>

#include "common/async/work_pool.h"
#include "common/io/clock.h"
#include "common/io/random.h"
#include "common/metrics/metrics.h"
#include "common/rpc/host.h"
#include "common/rpc/network.h"

namespace cairn::client::fakes {

class PipeNetwork final : public rpc::Network {
public:
  kj::Promise<kj::Own<kj::AsyncIoStream>> connect(std::string address) override;
  kj::Promise<Result<kj::Own<rpc::Listener>>> listen(std::string address) override;
  // Connections made to `address` so far.
  unsigned connects(const std::string& address) const;

private:
  class PipeListener;
  std::map<std::string, PipeListener*> listeners_;
  std::map<std::string, unsigned> connects_;
};

// Runs each job at the loop's next turn.
class InlineWorkPool final : public async::WorkPool {
private:
  kj::Promise<void> submit(std::move_only_function<void()> job) override;
};

// One event loop, its virtual time, and a Host made of them.
class TestLoop {
public:
  explicit TestLoop(std::uint64_t seed = 1);

  // Runs the loop, moving time on whenever nothing else is left to do, until the promise settles.
  template <typename T>
  T wait(kj::Promise<T> promise) {
    spin([&]() { return promise.poll(waitScope); });
    return promise.wait(waitScope);
  }
  // Runs all that can run now, without moving time.
  void settle();

private:
  void spin(kj::FunctionParam<bool()> done);

  kj::EventLoop loop_;

public:
  kj::WaitScope waitScope;
  kj::TimerImpl timer;
  io::ManualClock clock;
  io::Random random;
  PipeNetwork network;
  InlineWorkPool workPool;
  metrics::Registry metrics;
  rpc::Host host;
};

}  // namespace cairn::client::fakes
