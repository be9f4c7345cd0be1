// Makes trouble, as its seed says: crashes and restarts, lost connections, blocked paths, slow
// networks and disks, clocks that jump. Layer: tests/sim.  Threads: one event loop.
#pragma once

#include <kj/async.h>

#include <map>
#include <memory>
#include <vector>

#include "tests/sim/ambush.h"
#include "tests/sim/client_machine.h"
#include "tests/sim/cluster.h"
#include "tests/sim/sim_world.h"
#include "tests/sim/volume_failures.h"

namespace cairn::sim {

// What may happen in a run. Each is drawn anew for each run, so that runs differ in kind.
struct Trouble {
  double datanodeCrashes = 1;  // weights
  double namenodeCrashes = 1;
  double clientCrashes = 1;
  double lostConnections = 1;
  double blockedPaths = 1;
  double clockJumps = 1;
  double orderlyStops = 1;
  double sickDisks = 1;
  double fullDisks = 1;
  double flippedBits = 1;  // of replicas on one datanode, the same throughout a run
  // Of every step of a writer: that something crashes just then.
  double strikesAtWriters = 0;
  // Of every flush but a file's first: that an ambush is laid.
  double ambushes = 0;
  // Mean virtual time between two of them.
  std::int64_t everyMillis = 3000;
  NetworkPace network;
  WorkPace work;
  // All times of a run are so many times longer: for what takes minutes and more, as leases do.
  std::int64_t scale = 1;
  // Nothing fails but clients: what a dead writer had flushed stays on every datanode it was on.
  bool onlyClients = false;
  // Crashes are only those of processes: what was written is not lost, synced or not.
  bool kindCrashes = false;

  VolumeTrouble volumes;

  // `ofVolumes`: for these alone.
  static Trouble draw(io::Random& random, io::Random& ofVolumes);
};

class Nemesis final : private kj::TaskSet::ErrorHandler {
public:
  using Workers = std::vector<std::vector<std::unique_ptr<WorkerState>>>;  // by client

  // All outlive it. `onlooker`: on a machine that does not crash.
  Nemesis(SimWorld& world, Verdict& verdict, Cluster& cluster,
          std::vector<std::unique_ptr<ClientMachine>>& clients, Workers& workers,
          Onlooker& onlooker, Trouble trouble, io::Random ofVolumes);
  KJ_DISALLOW_COPY(Nemesis);

  // Sick or full: errors that daemons log about their disks are to be expected.
  bool anyDiskSick() const;
  // Failures of volumes with which bytes may have gone that were in memory alone.
  std::uint64_t volumesGivenUp() const { return volumes_.givenUp(); }
  // Bits flipped so far.
  std::uint64_t flipped() const { return flipped_; }

  // Workers tell it how far they are with a file.
  void writerReached(unsigned client, WritePhase phase);
  void writerFlushes(WorkerState& worker);
  kj::Maybe<kj::Promise<bool>> writerFlushed(WorkerState& worker) {
    return volumes_.flushed(worker);
  }
  // For ever; dropped when the time for trouble is over.
  kj::Promise<void> run();
  // Ends all trouble that lasts, and starts every machine that is down.
  void heal();

private:
  void strike();
  void crash(Machine& machine);
  void crashNow(Machine& machine);
  void crashClient(std::size_t client);
  void restartSoon(Machine& machine);
  void fillUp();
  void start(Machine& machine);
  void taskFailed(kj::Exception&& exception) override;
  void restartDue();
  void flipBit();
  kj::TimePoint soon(std::int64_t maxMillis);
  io::CrashLoss loss();

  SimWorld& world_;
  Verdict& verdict_;
  Cluster& cluster_;
  std::vector<std::unique_ptr<ClientMachine>>& clients_;
  Workers& workers_;
  const Trouble trouble_;
  io::Random random_;
  const unsigned unlucky_;  // the datanode whose replicas are damaged
  std::uint64_t flipped_ = 0;
  std::map<Machine*, kj::TimePoint> restarts_;  // of machines that are, or will be, down
  std::map<std::size_t, kj::TimePoint> clientRestarts_;
  std::multimap<kj::TimePoint, std::pair<unsigned, unsigned>> unblocks_;
  std::multimap<kj::TimePoint, Machine*> freeUps_;
  bool healed_ = false;
  kj::TaskSet strikes_;
  Ambushes ambushes_;
  VolumeFailures volumes_;
};

}  // namespace cairn::sim
