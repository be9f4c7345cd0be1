// `cairn bench scale`: what does not depend on how many files there are: a restart, a page of a
// large directory, and what others notice of a large rm -r.
#include <kj/async-io.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "client/cairn/bench/benches.h"
#include "client/cairn/bench/calls.h"
#include "client/cairn/bench/namenode_caller.h"
#include "client/cairn/bench/programs.h"
#include "client/cairn/bench/scratch.h"
#include "client/cairn/real_host.h"
#include "common/rpc/client_pool.h"

namespace cairn::app {
namespace {

constexpr std::uint32_t IN_FLIGHT = 64;
constexpr std::uint64_t FILES_PER_DIRECTORY = 1000;
// Of one directory; below the limit of its children.
constexpr std::uint64_t WIDE_FILES_MAX = 1'000'000;

using Clock = std::chrono::steady_clock;

double millisSince(Clock::time_point began) {
  return std::chrono::duration<double, std::milli>(Clock::now() - began).count();
}

// A connection to a namenode process.
struct Connection {
  Connection(rpc::Host& host, const std::string& user)
      : pool(host, {.role = rpc::Role::CLIENT}), host(host), user(user) {}

  Result<void> open(kj::WaitScope& scope, const std::string& address) {
    ASSIGN(auto namenode, pool.get<wire::Namenode>(address).wait(scope));
    caller = std::make_unique<NamenodeCaller>(namenode, user, 2 * IN_FLIGHT, host.random);
    return {};
  }

  rpc::ClientPool pool;
  rpc::Host& host;
  const std::string user;
  std::unique_ptr<NamenodeCaller> caller;
};

std::string directoryOf(std::uint64_t file) {
  return "/tree/d" + std::to_string(file / FILES_PER_DIRECTORY);
}

}  // namespace

Result<BenchReport> benchScale(const config::Settings& settings, const BenchOptions& options) {
  BenchScratch scratch;
  const auto directory = scratch.path() + "/namenode";
  auto io = kj::setupAsyncIo();
  RealHost host(io, "bench-client", 1);
  const auto& user = settings.machine().user;
  const std::uint64_t wide = std::min(options.files / 2, WIDE_FILES_MAX);
  {
    ASSIGN(const auto namenode, NamenodeProcess::start(directory));
    Connection client(host.host(), user);
    TRY(client.open(io.waitScope, namenode.address()));
    auto& caller = *client.caller;
    caller.mkdirs("/wide").wait(io.waitScope);
    callsPerSecond(io.waitScope, wide, IN_FLIGHT, [&](std::uint64_t n) {
      return caller.createClosed("/wide/file" + std::to_string(n));
    });
    callsPerSecond(io.waitScope, options.files - wide, IN_FLIGHT, [&](std::uint64_t n) {
      return caller.createClosed(directoryOf(n) + "/file" + std::to_string(n));
    });
  }  // killed

  const auto began = Clock::now();
  ASSIGN(const auto namenode, NamenodeProcess::start(directory));
  Connection client(host.host(), user);
  TRY(client.open(io.waitScope, namenode.address()));
  auto& caller = *client.caller;
  caller.stat("/wide/file0").wait(io.waitScope);
  const double restartMs = millisSince(began);
  const double restartMb = static_cast<double>(namenode.residentBytes()) / (1 << 20);

  const auto listBegan = Clock::now();
  const auto listed = caller.listAll("/wide").wait(io.waitScope);
  const double listMs = millisSince(listBegan);
  const double listMb = static_cast<double>(namenode.residentBytes()) / (1 << 20);
  if (listed != wide) {
    return fail(Code::INTERNAL, "a directory of " + std::to_string(wide) + " files lists " +
                                    std::to_string(listed));
  }

  const auto removeBegan = Clock::now();
  caller.remove("/wide", true).wait(io.waitScope);
  const double removeMs = millisSince(removeBegan);
  std::vector<double> others;
  const auto reclaimBegan = Clock::now();
  for (std::uint64_t n = 0;; ++n) {
    const auto path = "/others/file" + std::to_string(n);
    for (const bool change : {true, false}) {
      const auto callBegan = Clock::now();
      (change ? caller.createClosed(path) : caller.stat(path)).wait(io.waitScope);
      others.push_back(millisSince(callBegan));
    }
    if (n % 100 == 0 && caller.pendingReclaims().wait(io.waitScope) == 0) break;
  }
  const double reclaimMs = millisSince(reclaimBegan);
  std::ranges::sort(others);
  const double p999 = others[others.size() * 999 / 1000];

  const auto count = std::to_string(options.files);
  const auto wideCount = std::to_string(wide);
  return BenchReport{
      .name = "scale",
      .figures = {
          {.what = "restart after kill -9, " + count + " files",
           .value = restartMs,
           .unit = "ms",
           .limit = 1000},
          {.what = "resident memory after it", .value = restartMb, .unit = "MiB", .limit = 1024},
          {.what = "list of " + wideCount + " entries", .value = listMs, .unit = "ms"},
          {.what = "resident memory after it", .value = listMb, .unit = "MiB"},
          {.what = "rm -r of " + wideCount + " files: answer",
           .value = removeMs,
           .unit = "ms",
           .limit = 10},
          {.what = "  until all of it is reclaimed", .value = reclaimMs, .unit = "ms"},
          {.what = "  p99.9 of others' calls meanwhile",
           .value = p999,
           .unit = "ms",
           .limit = 50}}};
}

}  // namespace cairn::app
