#include "client/library/core.h"

#include <algorithm>
#include <future>
#include <thread>

#include "client/library/lazy_work_pool.h"
#include "common/io/clock.h"
#include "common/io/random.h"
#include "common/metrics/metrics.h"
#include "common/rpc/convert.h"
#include "common/rpc/host.h"
#include "common/rpc/network.h"

namespace cairn::library {

namespace {

constexpr unsigned WORK_THREADS_MAX = 4;
// Jobs waiting for a work thread: packets of many files at once. Each holds about a MiB.
constexpr std::size_t WORK_QUEUE_MAX = 4096;

// Everything that lives on the loop's thread.
struct Machine {
  Machine(kj::AsyncIoContext& io, const client::Options& options, unsigned workThreads)
      : random(io::Random::fromOs()),
        network(rpc::newSocketNetwork(io)),
        workPool("cairn-work", workThreads, WORK_QUEUE_MAX),
        host{io.provider->getTimer(), clock, random, *network, workPool, metrics},
        fileSystem(host, options) {}

  io::SystemClock clock;
  io::Random random;
  kj::Own<rpc::Network> network;
  LazyWorkPool workPool;
  metrics::Registry metrics;
  rpc::Host host;
  client::FileSystem fileSystem;
  CallGate gate;
};

unsigned workThreadsOf(unsigned wanted) {
  if (wanted > 0) return wanted;
  return std::clamp(std::thread::hardware_concurrency(), 1u, WORK_THREADS_MAX);
}

}  // namespace

Core::Core(client::Options options, unsigned workThreads) : options_(std::move(options)) {
  struct Started {
    kj::Own<const kj::Executor> executor;
    client::FileSystem* fileSystem;
    CallGate* gate;
  };
  std::promise<Started> started;
  auto ready = started.get_future();
  loop_ = std::make_unique<async::LoopThread>(
      "cairn-client", [this, workThreads, started = std::move(started)](
                          kj::AsyncIoContext& io, kj::Promise<void> stopped) mutable {
        auto machine = kj::heap<Machine>(io, options_, workThreadsOf(workThreads));
        started.set_value(
            {kj::getCurrentThreadExecutor().addRef(), &machine->fileSystem, &machine->gate});
        return stopped.attach(kj::mv(machine));
      });
  auto made = ready.get();
  executor_ = kj::mv(made.executor);
  fileSystem_ = made.fileSystem;
  gate_ = made.gate;
}

Core::~Core() = default;

Status Core::internalError(const kj::Exception& exception) {
  return rpc::fromException(exception, "the client library");
}

}  // namespace cairn::library
