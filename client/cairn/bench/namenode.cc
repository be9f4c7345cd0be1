// `cairn bench nn`: the namenode's calls against empty ones over the same connection.
#include <kj/async-io.h>
#include <kj/debug.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "client/cairn/bench/benches.h"
#include "client/cairn/bench/calls.h"
#include "client/cairn/bench/scratch.h"
#include "client/cairn/format_namenode.h"
#include "client/cairn/real_host.h"
#include "client/cairn/service_thread.h"
#include "client/cairn/services.h"
#include "common/rpc/client_pool.h"
#include "common/rpc/convert.h"
#include "common/schema/namenode.capnp.h"

namespace cairn::app {
namespace {

constexpr std::uint64_t EMPTY_CALLS = 200'000;
constexpr std::uint64_t STAT_CALLS = 200'000;
constexpr std::uint64_t CREATE_CALLS = 30'000;
constexpr std::uint32_t IN_FLIGHT = 64;
constexpr std::uint64_t FILES_PER_CLIENT = 5'000;  // half of what the namenode allows

void throwOnFault(wire::Fault::Reader fault) {
  auto result = rpc::fromWire(fault);
  if (!result.has_value())
    KJ_FAIL_REQUIRE("the namenode refused", result.error().message().c_str());
}

// The calls of one client.
class Caller {
public:
  Caller(wire::Namenode::Client namenode, std::string user, io::Random& random)
      : namenode_(kj::mv(namenode)),
        user_(std::move(user)),
        random_(random),
        client_(random.uuid()) {}

  kj::Promise<void> ping() { return namenode_.pingRequest().send().ignoreResult(); }

  kj::Promise<void> stat(const std::string& path) {
    auto request = namenode_.statRequest();
    fill(request.initCall(), 0);
    request.setPath(path);
    return request.send().then([](auto reply) { throwOnFault(reply.getFault()); });
  }

  kj::Promise<void> create(const std::string& path) {
    // Files stay open, and one client may hold only so many.
    if (++opened_ % FILES_PER_CLIENT == 0) client_ = random_.uuid();
    auto request = namenode_.createRequest();
    const auto number = ++lastCall_;
    fill(request.initCall(), number);
    request.setPath(path);
    auto options = request.initOptions();
    options.setMode(0644);
    options.setReplication(1);
    return request.send().then([](auto reply) { throwOnFault(reply.getFault()); });
  }

  kj::Promise<void> mkdirs(const std::string& path) {
    auto request = namenode_.mkdirsRequest();
    fill(request.initCall(), ++lastCall_);
    request.setPath(path);
    request.setMode(0755);
    request.setCreateParents(true);
    return request.send().then([](auto reply) { throwOnFault(reply.getFault()); });
  }

private:
  void fill(wire::CallInfo::Builder call, std::uint64_t number) const {
    call.setUser(user_);
    rpc::toWire(client_, call.initClient());
    call.setCallId(number);
    // What is in flight is never further apart than IN_FLIGHT calls.
    call.setLowestOpenCall(number > IN_FLIGHT ? number - IN_FLIGHT : 0);
  }

  wire::Namenode::Client namenode_;
  const std::string user_;
  io::Random& random_;
  Uuid client_;
  std::uint64_t lastCall_ = 0;
  std::uint64_t opened_ = 0;
};

}  // namespace

Result<BenchReport> benchNamenode(const config::Settings& userSettings,
                                  const BenchOptions& options) {
  BenchScratch scratch;
  auto settings = userSettings;
  TRY(settings.set("namenode.address", "127.0.0.1:0", "cairn bench"));
  TRY(settings.set("namenode.dir", scratch.path() + "/namenode", "cairn bench"));
  ASSIGN(const auto config, config::NamenodeConfig::from(settings));
  TRY(formatNamenodeIfNew(config));
  ServiceThread server("namenode",
                       [config](kj::AsyncIoContext& io) { return newNamenodeService(io, config); });
  TRY(server.start());

  auto io = kj::setupAsyncIo();
  RealHost host(io, "bench-client", 1);
  rpc::ClientPool pool(host.host(), {.role = rpc::Role::CLIENT});
  ASSIGN(auto namenode, pool.get<wire::Namenode>(server.address()).wait(io.waitScope));
  Caller caller(namenode, settings.machine().user, host.host().random);

  std::vector<double> empty;
  std::vector<double> stat;
  std::vector<double> create;
  for (std::uint32_t round = 0; round < options.rounds; ++round) {
    const auto directory = "/bench/round" + std::to_string(round);
    caller.mkdirs(directory).wait(io.waitScope);
    const auto nameOf = [&](std::uint64_t number) {
      return directory + "/file" + std::to_string(number);
    };
    empty.push_back(callsPerSecond(io.waitScope, EMPTY_CALLS, IN_FLIGHT,
                                   [&](std::uint64_t) { return caller.ping(); }));
    create.push_back(
        callsPerSecond(io.waitScope, CREATE_CALLS, IN_FLIGHT,
                       [&](std::uint64_t number) { return caller.create(nameOf(number)); }));
    stat.push_back(callsPerSecond(io.waitScope, STAT_CALLS, IN_FLIGHT, [&](std::uint64_t number) {
      return caller.stat(nameOf(number * 7919 % CREATE_CALLS));
    }));
  }
  const double reference = median(empty);
  return BenchReport{.name = "nn",
                     .figures = {{.what = "create, durable, 64 in flight",
                                  .value = median(create),
                                  .unit = "calls/s",
                                  .against = "empty call, 64 in flight",
                                  .reference = reference,
                                  .goal = 0.3},
                                 {.what = "stat, 64 in flight",
                                  .value = median(stat),
                                  .unit = "calls/s",
                                  .against = "empty call, 64 in flight",
                                  .reference = reference,
                                  .goal = 0.6}}};
}

}  // namespace cairn::app
