// `cairn bench nn`: the namenode's calls against empty ones over the same connections.
#include <kj/async-io.h>

#include <algorithm>
#include <ctime>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "client/cairn/bench/benches.h"
#include "client/cairn/bench/calls.h"
#include "client/cairn/bench/free_memory.h"
#include "client/cairn/bench/namenode_caller.h"
#include "client/cairn/bench/scratch.h"
#include "client/cairn/format_namenode.h"
#include "client/cairn/real_host.h"
#include "client/cairn/service_thread.h"
#include "client/cairn/services.h"
#include "common/base/units.h"
#include "common/rpc/client_pool.h"

namespace cairn::app {
namespace {

constexpr std::uint64_t EMPTY_CALLS = 200'000;
constexpr std::uint64_t STAT_CALLS = 200'000;
constexpr std::uint64_t LIST_CALLS = 10'000;
constexpr std::uint32_t LIST_ENTRIES = 100;
constexpr std::uint64_t FILES = 30'000;
// More than the calls of one kind use.
constexpr std::uint64_t MEMORY_BYTES = 1_GiB;

// One connection and its client.
struct Client {
  std::unique_ptr<rpc::ClientPool> pool;
  std::unique_ptr<NamenodeCaller> caller;
};

double secondsOf(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

// What the process's other threads have used: the namenode's loop, its journal, RocksDB's.
double namenodeCpuSeconds() {
  return secondsOf(CLOCK_PROCESS_CPUTIME_ID) - secondsOf(CLOCK_THREAD_CPUTIME_ID);
}

// Calls of one kind, over all rounds.
struct Kind {
  std::string what;
  double goal = 0;  // of the rate against that of empty calls
  std::vector<double> rates;
  std::vector<double> cpuMicros;  // of the namenode, a call
};

}  // namespace

Result<BenchReport> benchNamenode(const config::Settings& userSettings,
                                  const BenchOptions& options) {
  BenchScratch scratch;
  auto settings = userSettings;
  TRY(settings.set("namenode.address", "127.0.0.1:0", "cairn bench"));
  TRY(settings.set("namenode.http_address", "none", "cairn bench"));
  TRY(settings.set("namenode.dir", scratch.path() + "/namenode", "cairn bench"));
  ASSIGN(const auto config, config::NamenodeConfig::from(settings));
  TRY(formatNamenodeIfNew(config));
  ServiceThread server("namenode",
                       [config](kj::AsyncIoContext& io) { return newNamenodeService(io, config); });
  TRY(server.start());

  auto io = kj::setupAsyncIo();
  RealHost host(io, "bench-client", 1);
  std::vector<Client> clients;
  for (std::uint32_t i = 0; i < options.clients; ++i) {
    auto pool =
        std::make_unique<rpc::ClientPool>(host.host(), rpc::ClientHello{.role = rpc::Role::CLIENT});
    ASSIGN(auto namenode, pool->get<wire::Namenode>(server.address()).wait(io.waitScope));
    clients.push_back(
        {std::move(pool), std::make_unique<NamenodeCaller>(namenode, settings.machine().user,
                                                           options.depth, host.host().random)});
  }
  const auto callerOf = [&](std::uint64_t number) -> NamenodeCaller& {
    return *clients[number % clients.size()].caller;
  };
  const std::uint32_t inFlight = options.clients * options.depth;
  const auto run = [&](Kind& kind, std::uint64_t calls,
                       const std::function<kj::Promise<void>(std::uint64_t)>& send) {
    touchFreeMemory(MEMORY_BYTES);
    const double before = namenodeCpuSeconds();
    kind.rates.push_back(callsPerSecond(io.waitScope, calls, inFlight, send));
    kind.cpuMicros.push_back((namenodeCpuSeconds() - before) * 1e6 / static_cast<double>(calls));
  };

  const auto most = [&](std::uint64_t usual) { return std::min(usual, options.calls); };
  const std::uint64_t files = most(FILES);
  Kind empty{.what = "empty call", .rates = {}, .cpuMicros = {}};
  Kind create{.what = "create, durable", .goal = 0.5, .rates = {}, .cpuMicros = {}};
  Kind stat{.what = "stat", .goal = 0.75, .rates = {}, .cpuMicros = {}};
  Kind list{
      .what = "list of " + std::to_string(LIST_ENTRIES) + " entries", .rates = {}, .cpuMicros = {}};
  Kind rename{.what = "rename, durable", .rates = {}, .cpuMicros = {}};
  Kind remove{.what = "delete, durable", .rates = {}, .cpuMicros = {}};
  for (std::uint32_t round = 0; round < options.rounds; ++round) {
    const auto directory = "/bench/round" + std::to_string(round);
    const auto nameOf = [&](std::uint64_t number) {
      return directory + "/file" + std::to_string(number);
    };
    const auto newNameOf = [&](std::uint64_t number) {
      return directory + "/renamed" + std::to_string(number);
    };
    callerOf(0).mkdirs(directory).wait(io.waitScope);
    run(empty, most(EMPTY_CALLS), [&](std::uint64_t n) { return callerOf(n).ping(); });
    run(create, files, [&](std::uint64_t n) { return callerOf(n).create(nameOf(n)); });
    run(stat, most(STAT_CALLS),
        [&](std::uint64_t n) { return callerOf(n).stat(nameOf(n * 7919 % files)); });
    run(list, most(LIST_CALLS),
        [&](std::uint64_t n) { return callerOf(n).list(directory, LIST_ENTRIES); });
    run(rename, files,
        [&](std::uint64_t n) { return callerOf(n).rename(nameOf(n), newNameOf(n)); });
    run(remove, files, [&](std::uint64_t n) { return callerOf(n).remove(newNameOf(n)); });
  }

  const double reference = median(empty.rates);
  BenchReport report{.name = "nn", .figures = {}};
  for (const auto* kind : {&create, &stat, &list, &rename, &remove}) {
    report.figures.push_back({.what = kind->what + ", " + std::to_string(inFlight) + " in flight",
                              .value = median(kind->rates),
                              .unit = "calls/s",
                              .against = "empty call",
                              .reference = reference,
                              .goal = kind->goal});
  }
  for (const auto* kind : {&empty, &create, &stat, &list, &rename, &remove}) {
    report.figures.push_back({.what = "namenode's CPU time, " + kind->what,
                              .value = median(kind->cpuMicros),
                              .unit = "us"});
  }
  return report;
}

}  // namespace cairn::app
