// A machine that runs one client of the file system with a few workers on it; it crashes like any
// other. Layer: tests/sim.  Threads: one event loop.
#pragma once

#include <kj/async.h>

#include <memory>
#include <string>
#include <vector>

#include "client/core/file_system.h"
#include "tests/sim/onlooker.h"
#include "tests/sim/sim_host.h"
#include "tests/sim/sim_world.h"
#include "tests/sim/verdict.h"
#include "tests/sim/worker.h"

namespace cairn::sim {

// Sizes and times that are unusually small find other bugs than the usual ones. `impatient`: times,
// too, so that it gives up on datanodes that are well.
client::Options drawClientOptions(io::Random& random, std::string namenode, std::string user,
                                  bool impatient);

class ClientMachine final : private kj::TaskSet::ErrorHandler {
public:
  // All outlive it.
  ClientMachine(SimWorld& world, Verdict& verdict, unsigned number, client::Options options);
  ~ClientMachine() noexcept(false);
  KJ_DISALLOW_COPY(ClientMachine);

  SimHost& host() { return host_; }
  bool running() const { return host_.alive(); }
  // REQUIRES: not running.
  void start(std::vector<std::unique_ptr<WorkerState>>& workers);
  void crash();
  // No new operations; settles when those under way have ended.
  kj::Promise<void> finish();
  // REQUIRES: running.
  client::FileSystem& files() { return *files_; }
  Onlooker& onlooker() { return *onlooker_; }

private:
  void taskFailed(kj::Exception&& exception) override;

  SimWorld& world_;
  Verdict& verdict_;
  SimHost host_;
  const client::Options options_;
  kj::Own<client::FileSystem> files_;
  kj::Own<Onlooker> onlooker_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::unique_ptr<kj::TaskSet> running_;
};

}  // namespace cairn::sim
