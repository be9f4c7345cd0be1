#include "tests/sim/simulate.h"

#include <kj/debug.h>

#include <algorithm>
#include <memory>
#include <set>

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
// So that a seed's run is the same but for the volumes that fail in it.
constexpr std::uint64_t VOLUMES_SEED = 0x766f6c756d6573;

// Longer than any call's deadlines and retries together.
constexpr kj::Duration FINISH_MAX = 20 * kj::MINUTES;
// For heartbeats, inventories, safe mode and delayed messages; deletes are ordered again after a
// minute.
constexpr kj::Duration SETTLE = 5 * kj::MINUTES;
// Beyond a lease's hard limit: the namenode closes what nobody writes any more.
constexpr kj::Duration SETTLE_LEASES = 30 * kj::MINUTES;
constexpr kj::Duration PREPARE_MAX = 1 * kj::MINUTES;
constexpr kj::Duration CHECK_MAX = 2 * kj::HOURS;

void countRebuilds(const std::vector<std::unique_ptr<ClientMachine>>& clients, Reach& reach) {
  const auto count = [&](Reached what, const std::string& phase) {
    for (const auto& client : clients) {
      reach.count(what, client->host().counter("cairn_client_pipelines_rebuilt_total{while=\"" +
                                               phase + "\"}"));
    }
  };
  count(Reached::REBUILT_IN_MIDDLE, "writing");
  count(Reached::REBUILT_AT_CLOSE, "closing");
}

void countRecoveries(Cluster& cluster, Reach& reach) {
  const auto of = [&](const std::string& counter) {
    return cluster.namenode().host().counter(counter);
  };
  const auto answered = [&](const std::string& method) {
    const auto label = "{method=\"" + method + "\"}";
    return of("cairn_namenode_calls_total" + label) - of("cairn_namenode_faults_total" + label);
  };
  reach.count(Reached::REBUILT_IN_SET_UP, answered("abandonChunk"));
  reach.count(Reached::NODE_ADDED, answered("additionalNodes"));
  reach.count(Reached::CHUNK_RECOVERED, of("cairn_namenode_recovery_attempts_total"));
  reach.count(Reached::COPY_ORDERED, of("cairn_namenode_copies_ordered_total"));
  reach.count(Reached::SURPLUS_ORDERED, of("cairn_namenode_surplus_ordered_total"));
  reach.count(Reached::COPY_LOST, of("cairn_namenode_copies_failed_total"));
  for (unsigned i = 0; i < cluster.datanodes(); ++i) {
    const auto& host = cluster.datanode(i).host();
    reach.count(Reached::DISK_FULL, host.refusals());
    for (const std::string volume : {"1", "2"}) {
      const auto label = "{volume=\"" + volume + "\"}";
      reach.count(Reached::SCRUB_PASS, host.counter("cairn_datanode_scrub_passes_total" + label));
      reach.count(Reached::SCRUB_DAMAGE,
                  host.counter("cairn_datanode_scrub_damaged_total" + label));
    }
  }
}

kj::Promise<void> checkAll(client::FileSystem& files, Verdict& verdict,
                           const Nemesis::Workers& workers, const Contests& contests,
                           std::uint64_t damaged, bool leasesEnded, SimWorld& world,
                           std::uint64_t losses, unsigned datanodes, ClusterReport& report) {
  std::set<std::string> paths;
  for (const auto& [path, contest] : contests) paths.insert(path);
  for (const auto& client : workers) {
    for (const auto& worker : client) {
      for (const auto& [number, operation] : worker->model.open()) {
        for (const auto& [path, expected] : operation.outcomes.front()) paths.insert(path);
      }
    }
  }
  co_await closeFiles(files, verdict, world, kj::mv(paths), leasesEnded, losses);
  for (const auto& client : workers) {
    for (const auto& worker : client) co_await checkWorker(files, verdict, world, *worker, losses);
  }
  // A copy that seems damaged may be one too many for a while: its datanode reads it first.
  if (damaged == 0) {
    for (const auto& client : workers) {
      for (const auto& worker : client) {
        co_await checkReplication(files, verdict, world, *worker, datanodes);
      }
    }
  }
  co_await checkContests(files, verdict, contests);
  co_await checkReport(files, verdict, damaged, leasesEnded, report);
}

client::Options superuser(const Cluster& cluster) {
  client::Options options;
  options.namenode = cluster.namenodeAddress();
  options.user = "sim";
  options.shortCircuit = false;
  return options;
}

void run(const RunOptions& options, SimWorld& world, Verdict& verdict, RunReport& report) {
  const auto late = static_cast<unsigned>(world.random.below(3));
  Cluster cluster(world, verdict, options.datanodes, late, ClusterKnobs::draw(world.random));
  cluster.namenode().host().ignoreSyncs(options.namenodeIgnoresSyncs);
  for (unsigned i = 0; i < cluster.datanodes(); ++i) {
    cluster.datanode(i).host().ignoreSyncs(options.datanodesIgnoreSyncs);
  }
  io::Random ofVolumes(world.seed + VOLUMES_SEED);
  const Trouble trouble = Trouble::draw(world.random, ofVolumes);

  Shared shared;
  shared.root = "/home";
  shared.pauseMaxMicros *= trouble.scale;
  shared.disksFail = trouble.sickDisks > 0 || trouble.volumes.any();
  shared.onlyClientsFail = trouble.onlyClients;
  shared.disksFill = trouble.fullDisks > 0;
  shared.replicationMax = static_cast<std::uint16_t>(cluster.datanodes());
  shared.anyDatanodeDown = [&cluster]() { return cluster.anyDatanodeDown(); };
  shared.powerFailures = [&cluster]() { return cluster.powerFailures(); };
  std::vector<std::unique_ptr<WorkerState>> nobody;
  ClientMachine checker(world, verdict, CHECKER_HOST, superuser(cluster));
  checker.start(nobody);
  const auto made = world.time.wait(checker.files().mkdirs(shared.root, 01777), PREPARE_MAX,
                                    "the first directory");
  if (!made.has_value()) {
    verdict.violation("the first directory cannot be made: " + made.error().toString());
    return;
  }

  Nemesis::Workers workers;
  std::vector<std::unique_ptr<ClientMachine>> clients;
  for (unsigned i = 0; i < options.clients; ++i) {
    workers.emplace_back();
    for (unsigned j = 0; j < options.workersPerClient; ++j) {
      workers.back().push_back(std::make_unique<WorkerState>(
          i, "c" + std::to_string(i) + "w" + std::to_string(j), world.random.split(), shared));
    }
    std::string user = i == 0 ? "sim" : "user" + std::to_string(i);
    clients.push_back(
        std::make_unique<ClientMachine>(world, verdict, Cluster::CLIENTS + i,
                                        drawClientOptions(world.random, cluster.namenodeAddress(),
                                                          std::move(user), !trouble.onlyClients)));
    for (auto& worker : workers.back()) shared.workers.push_back(worker.get());
    clients.back()->start(workers.back());
  }

  Nemesis nemesis(world, verdict, cluster, clients, workers, checker.onlooker(), trouble,
                  std::move(ofVolumes));
  shared.reached = [&nemesis](unsigned client, WritePhase phase) {
    nemesis.writerReached(client, phase);
  };
  shared.flushes = [&nemesis](WorkerState& worker) { nemesis.writerFlushes(worker); };
  shared.flushed = [&nemesis](WorkerState& worker) { return nemesis.writerFlushed(worker); };
  shared.losses = [&]() { return cluster.losses() + nemesis.volumesGivenUp(); };
  LogWatch log(verdict, [&](std::string_view message) {
    const bool damage = nemesis.flipped() > 0 && message.find("damaged") != message.npos;
    return damage || nemesis.anyDiskSick() ||
           std::ranges::any_of(cluster.machines(),
                               [](auto& machine) { return machine->host().powerFailed(); });
  });
  {
    auto troubling = nemesis.run().eagerlyEvaluate([&](kj::Exception&& exception) {
      verdict.violation("the nemesis failed: " + std::string(exception.getDescription().cStr()));
    });
    world.time.runFor(options.troubleMillis * trouble.scale * kj::MILLISECONDS);
  }
  nemesis.heal();
  auto finishing = kj::heapArrayBuilder<kj::Promise<void>>(clients.size());
  for (auto& client : clients) finishing.add(client->finish());
  world.time.wait(kj::joinPromises(finishing.finish()), FINISH_MAX, "the clients' last operations");
  const bool leasesEnd = world.random.chance(0.25);
  countRebuilds(clients, world.reach);
  if (leasesEnd) clients.clear();
  world.time.runFor(leasesEnd ? SETTLE_LEASES : SETTLE);

  world.time.wait(checkAll(checker.files(), verdict, workers, shared.contests, nemesis.flipped(),
                           leasesEnd, world, shared.losses(), cluster.datanodes(), report.cluster),
                  CHECK_MAX, "the check");
  for (const auto& client : workers) {
    for (const auto& worker : client) {
      report.counts.acknowledged += worker->counts.acknowledged;
      report.counts.failed += worker->counts.failed;
      report.counts.reads += worker->counts.reads;
    }
  }
  countRecoveries(cluster, world.reach);
  report.reach = world.reach;
  report.failures = shared.failures;
  report.flippedBits = nemesis.flipped();
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
