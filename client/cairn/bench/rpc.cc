// `cairn bench rpc`: the transport alone.
#include <kj/async-io.h>

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "client/cairn/bench/benches.h"
#include "client/cairn/bench/calls.h"
#include "client/cairn/real_host.h"
#include "client/cairn/service.h"
#include "client/cairn/service_thread.h"
#include "common/rpc/acceptor.h"
#include "common/rpc/client_pool.h"
#include "common/schema/datanode.capnp.h"

namespace cairn::app {
namespace {

constexpr std::uint64_t CALLS = 300'000;
constexpr std::uint32_t IN_FLIGHT = 64;
constexpr std::uint64_t LARGE_CALLS = 2'000;
constexpr std::uint32_t LARGE_IN_FLIGHT = 4;

// Answers at once: ping with nothing, read with a MiB.
class Answering final : public wire::Datanode::Server {
public:
  explicit Answering(kj::Own<rpc::SentBuffers> buffers) : buffers_(kj::mv(buffers)) {}
  kj::Promise<void> ping(PingContext) override { return kj::READY_NOW; }
  kj::Promise<void> read(ReadContext context) override {
    auto results = context.getResults(capnp::MessageSize{64, 0});
    const capnp::Data::Reader data(bytes_.begin(), bytes_.size());
    auto orphan = capnp::Orphanage::getForMessageContaining(results).referenceExternalData(data);
    results.adoptFrames(kj::mv(orphan));
    return kj::READY_NOW;
  }

private:
  kj::Own<rpc::SentBuffers> buffers_;
  kj::Array<kj::byte> bytes_ = kj::heapArray<kj::byte>(1 << 20);
};

class AnsweringService final : public Service {
public:
  explicit AnsweringService(kj::AsyncIoContext& io)
      : host_(io, "bench", 1),
        acceptor_(
            host_.host(), "bench", {}, []() { return rpc::Identity{}; },
            [](rpc::PeerInfo peer) -> Result<capnp::Capability::Client> {
              return wire::Datanode::Client(kj::heap<Answering>(kj::mv(peer.sentBuffers)));
            }) {}
  kj::Promise<Result<void>> start() override { return acceptor_.listen("127.0.0.1:0"); }
  kj::Promise<void> stop() override {
    acceptor_.close();
    return kj::READY_NOW;
  }
  std::string address() const override { return acceptor_.address(); }

private:
  RealHost host_;
  rpc::Acceptor acceptor_;
};

}  // namespace

Result<BenchReport> benchRpc(const BenchOptions& options) {
  ServiceThread server("bench", [](kj::AsyncIoContext& io) -> kj::Own<Service> {
    return kj::heap<AnsweringService>(io);
  });
  TRY(server.start());
  auto io = kj::setupAsyncIo();
  RealHost host(io, "bench-client", 1);
  rpc::ClientPool pool(host.host(), {.role = rpc::Role::PEER});
  ASSIGN(auto peer, pool.get<wire::Datanode>(server.address()).wait(io.waitScope));
  const auto ping = [&](std::uint64_t) { return peer.pingRequest().send().ignoreResult(); };
  std::vector<double> many;
  std::vector<double> one;
  std::vector<double> large;
  const auto read = [&](std::uint64_t) { return peer.readRequest().send().ignoreResult(); };
  const auto most = [&](std::uint64_t usual) { return std::min(usual, options.calls); };
  for (std::uint32_t round = 0; round < options.rounds; ++round) {
    many.push_back(callsPerSecond(io.waitScope, most(CALLS), IN_FLIGHT, ping));
    one.push_back(callsPerSecond(io.waitScope, most(CALLS / 20), 1, ping));
    large.push_back(callsPerSecond(io.waitScope, most(LARGE_CALLS), LARGE_IN_FLIGHT, read));
  }
  constexpr double MB_PER_CALL = (1 << 20) / 1e6;
  return BenchReport{
      .name = "rpc",
      .figures = {{.what = "empty call, 64 in flight", .value = median(many), .unit = "calls/s"},
                  {.what = "empty call, one at a time", .value = median(one), .unit = "calls/s"},
                  {.what = "answers of 1 MiB, 4 in flight",
                   .value = median(large) * MB_PER_CALL,
                   .unit = "MB/s"}}};
}

}  // namespace cairn::app
