// A cluster of simulated machines that run the real namenode and the real datanodes.
// Layer: tests/sim.  Threads: one event loop.
#pragma once

#include <kj/async.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/io/memory_disk.h"
#include "datanode/scrub/scrub_pass.h"
#include "tests/sim/sim_host.h"
#include "tests/sim/sim_world.h"
#include "tests/sim/verdict.h"

namespace cairn::sim {

inline constexpr std::uint64_t CHUNK_SIZE = 4096;  // plain bytes: files of a few chunks are small
inline constexpr std::uint32_t FRAME_SIZE = 1024;
inline constexpr std::uint16_t REPLICATION = 3;

// A machine with one daemon on it, which crashes and comes back.
class Machine : private kj::TaskSet::ErrorHandler {
public:
  Machine(SimWorld& world, Verdict& verdict, unsigned number, std::string name);
  virtual ~Machine() noexcept(false);
  KJ_DISALLOW_COPY(Machine);

  SimHost& host() { return host_; }
  // Whether a life is under way whose power has not failed.
  bool running() const { return host_.alive() && !host_.powerFailed(); }
  // Whether its daemon has started in this life.
  bool started() const { return running() && started_; }
  // Boots the host and starts the daemon, which must succeed: whatever a crash left behind, a
  // restart has to cope with. REQUIRES: not alive.
  void start();
  // The power fails now; the daemon is destroyed at once. Not from within the daemon's own code.
  void crash(io::CrashLoss loss);
  // The power fails before the `changes`-th change of its disk from now on.
  void crashAfter(std::uint64_t changes, io::CrashLoss loss);
  // The daemon is told to stop and has to, soon; nothing that it wrote is lost. A crash may come
  // first. Nothing happens before it has started: programs take their signals then.
  void stop();
  // Of its threads, from its next start on.
  void setWorkPace(const WorkPace& pace) { workPace_ = pace; }

protected:
  // Starts the daemon on host(). Owned by the implementation until destroyDaemon().
  virtual kj::Promise<Result<void>> startDaemon() = 0;
  virtual kj::Promise<void> stopDaemon() = 0;
  virtual void destroyDaemon() = 0;

  SimWorld& world_;
  Verdict& verdict_;

private:
  kj::Promise<void> watchStart();
  kj::Promise<void> watchStop();
  void bury();
  void taskFailed(kj::Exception&& exception) override;

  SimHost host_;
  WorkPace workPace_;
  bool started_ = false;
  std::unique_ptr<kj::TaskSet> tasks_;  // of this life: its start and its stop
  kj::TaskSet burials_;
};

struct ClusterKnobs {
  std::uint64_t bufferBudgetBytes = 16 << 20;  // of a datanode
  std::uint64_t callBytesInFlightMax = 0;      // of a connection; 0: the default
  dn::ScrubOptions scrub;                      // of a datanode
  std::int64_t keepRemovedMs = 0;              // of a datanode

  static ClusterKnobs draw(io::Random& random);
};

// Directories of a datanode's volumes.
inline constexpr const char* VOLUMES[] = {"v0", "v1"};

class Cluster {
public:
  static constexpr unsigned NAMENODE = 1;    // number of its host
  static constexpr unsigned DATANODES = 11;  // and of the first datanode's
  static constexpr unsigned CLIENTS = 101;   // and of the first client's

  // Formats and starts everything but the last `late` datanodes, and waits until those are
  // registered that were started. `knobs`: of the daemons; sizes that are unusually small find
  // other bugs than the usual ones.
  Cluster(SimWorld& world, Verdict& verdict, unsigned datanodes, unsigned late,
          const ClusterKnobs& knobs);
  ~Cluster() noexcept(false);
  KJ_DISALLOW_COPY(Cluster);

  Machine& namenode() { return *machines_.front(); }
  unsigned datanodes() const { return static_cast<unsigned>(machines_.size()) - 1; }
  Machine& datanode(unsigned index) { return *machines_[index + 1]; }
  // The namenode first.
  const std::vector<std::unique_ptr<Machine>>& machines() const { return machines_; }
  std::string namenodeAddress() const;
  // Of datanodes, since they began.
  std::uint64_t powerFailures() const;
  // Those of them that took what was not synced.
  std::uint64_t losses() const;
  bool anyDatanodeDown() const;

private:
  SimWorld& world_;
  std::vector<std::unique_ptr<Machine>> machines_;
};

}  // namespace cairn::sim
