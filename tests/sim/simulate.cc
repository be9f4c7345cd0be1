#include "tests/sim/simulate.h"

#include <kj/debug.h>

#include <algorithm>
#include <memory>

#include "common/async/coroutine.h"
#include "tests/sim/client_machine.h"
#include "tests/sim/cluster.h"
#include "tests/sim/final_check.h"
#include "tests/sim/log_watch.h"
#include "tests/sim/nemesis.h"
#include "tests/sim/sim_world.h"

namespace cairn::sim {
namespace {

constexpr unsigned CHECKER_HOST = 200;
constexpr std::uint32_t CHECKER_RETRY_MS = 60'000;
// Longer than any call's deadlines and retries together.
constexpr kj::Duration FINISH_MAX = 20 * kj::MINUTES;
// For heartbeats, inventories, safe mode and delayed messages.
constexpr kj::Duration SETTLE = 3 * kj::MINUTES;
constexpr kj::Duration CHECK_MAX = 2 * kj::HOURS;

kj::Promise<void> checkAll(client::FileSystem& files, Verdict& verdict,
                           const Nemesis::Workers& workers, const Contests& contests) {
  for (const auto& client : workers) {
    for (const auto& worker : client) co_await checkWorker(files, verdict, *worker);
  }
  co_await checkContests(files, verdict, contests);
}

void run(const RunOptions& options, SimWorld& world, Verdict& verdict, RunReport& report) {
  Cluster cluster(world, verdict, options.datanodes);
  LogWatch log(verdict, [&]() {
    return std::ranges::any_of(cluster.machines(),
                               [](auto& machine) { return machine->host().powerFailed(); });
  });
  cluster.namenode().host().ignoreSyncs(options.namenodeIgnoresSyncs);
  for (unsigned i = 0; i < cluster.datanodes(); ++i) {
    cluster.datanode(i).host().ignoreSyncs(options.datanodesIgnoreSyncs);
  }

  Contests contests;
  Nemesis::Workers workers;
  std::vector<std::unique_ptr<ClientMachine>> clients;
  for (unsigned i = 0; i < options.clients; ++i) {
    workers.emplace_back();
    for (unsigned j = 0; j < options.workersPerClient; ++j) {
      workers.back().push_back(std::make_unique<WorkerState>(
          "c" + std::to_string(i) + "w" + std::to_string(j), world.random.split(), contests));
    }
    const auto retryBudgetMs =
        static_cast<std::uint32_t>(world.random.chance(0.3) ? 0 : world.random.between(0, 60'000));
    clients.push_back(std::make_unique<ClientMachine>(world, verdict, Cluster::CLIENTS + i,
                                                      cluster.namenodeAddress(), retryBudgetMs));
    clients.back()->start(workers.back());
  }

  Nemesis nemesis(world, cluster, clients, workers, Trouble::draw(world.random));
  {
    auto trouble = nemesis.run().eagerlyEvaluate([&](kj::Exception&& exception) {
      verdict.violation("the nemesis failed: " + std::string(exception.getDescription().cStr()));
    });
    world.time.runFor(options.troubleMillis * kj::MILLISECONDS);
  }
  nemesis.heal();
  auto finishing = kj::heapArrayBuilder<kj::Promise<void>>(clients.size());
  for (auto& client : clients) finishing.add(client->finish());
  world.time.wait(kj::joinPromises(finishing.finish()), FINISH_MAX, "the clients' last operations");
  world.time.runFor(SETTLE);

  ClientMachine checker(world, verdict, CHECKER_HOST, cluster.namenodeAddress(), CHECKER_RETRY_MS);
  std::vector<std::unique_ptr<WorkerState>> nobody;
  checker.start(nobody);
  world.time.wait(checkAll(checker.files(), verdict, workers, contests), CHECK_MAX, "the check");

  for (const auto& client : workers) {
    for (const auto& worker : client) {
      report.counts.acknowledged += worker->counts.acknowledged;
      report.counts.failed += worker->counts.failed;
      report.counts.reads += worker->counts.reads;
    }
  }
}

}  // namespace

RunReport simulate(const RunOptions& options) {
  RunReport report;
  Verdict verdict;
  SimWorld world(options.seed, options.printTrace);
  try {
    run(options, world, verdict, report);
  } catch (const Stuck& stuck) {
    verdict.violation(stuck.what());
  } catch (const kj::Exception& exception) {
    verdict.violation("an exception: " + std::string(exception.getDescription().cStr()) + " at " +
                      exception.getFile() + ':' + std::to_string(exception.getLine()));
  }
  report.violations = verdict.violations();
  report.traceHash = world.trace.hash();
  report.events = world.trace.events();
  report.virtualMicros = world.time.nowMicros();
  return report;
}

}  // namespace cairn::sim
