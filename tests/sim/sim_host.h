// One simulated machine: what it keeps over its lives (name, address, clock, disk) and what a life
// gives to the components that run on it (rpc::Host, the disk, RocksDB's environment).
// Layer: tests/sim.  Threads: one event loop.
//
// A crash goes in three steps, because components cannot be destroyed in the middle of their own
// code: failPower() makes the machine invisible at that very moment; the owner of its components
// destroys them, as soon as it can; endLife() clears away the rest.
#pragma once

#include <rocksdb/env.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "common/io/clock.h"
#include "common/io/memory_disk.h"
#include "common/io/random.h"
#include "common/metrics/metrics.h"
#include "common/rpc/host.h"
#include "tests/sim/sim_disk.h"
#include "tests/sim/sim_work_pool.h"
#include "tests/sim/sim_world.h"

namespace cairn::sim {

class SimHost final : private kj::TaskSet::ErrorHandler {
public:
  // `number`: from 1 to 254, its own. `world` outlives the host.
  SimHost(SimWorld& world, unsigned number, std::string name);
  ~SimHost() noexcept(false);
  KJ_DISALLOW_COPY(SimHost);

  const std::string& name() const { return name_; }
  unsigned number() const { return number_; }
  // "127.0.0.3"
  const std::string& address() const { return address_; }

  // Begins a life. REQUIRES: none is under way.
  void boot();
  bool alive() const { return life_ != nullptr; }
  // Between failPower() and endLife().
  bool powerFailed() const;
  // Of all lives: how often failPower() came, by itself or after a count; and how often it took
  // what was not synced.
  std::uint64_t powerFailures() const { return powerFailures_; }
  std::uint64_t losses() const { return losses_; }
  // Of all lives: a counter of the components, as in metrics::Registry::exposition(), labels
  // included.
  std::uint64_t counter(const std::string& series) const;

  // Of this life. REQUIRES: alive().
  rpc::Host& host();
  SimDisk& disk();
  // The part of the disk below `root`, which exists.
  SimDisk& diskBelow(std::string root);
  rocksdb::Env& env();
  SimWorkPool& workPool();
  // One pretended thread.
  SimWorkPool& serialPool();

  void failPower(io::CrashLoss loss);
  // failPower() just before the `calls`-th change of the disk from now on, in whatever it is then
  // in the middle of; `failed` is told, on the spot.
  void failPowerAfter(std::uint64_t calls, io::CrashLoss loss, std::function<void()> failed);
  // REQUIRES: failPower(), or a stop in good order; the components are destroyed. What a life gave
  // to them is destroyed a little later: calls under way hold on to parts of a component until the
  // event loop has turned a few times.
  void endLife();

  // All lives: see SimDisk::ignoreSyncs.
  void ignoreSyncs(bool ignore);
  // From now on, in this life and the next ones, files below `root` can grow by no more than `room`
  // bytes together: DISK_FULL. What is removed there makes room again.
  void fillUp(std::string root, std::uint64_t room);
  // The disk has room again.
  void freeUp();
  bool full() const { return fullness_.limited; }
  // Of all lives: calls that the full disk refused.
  std::uint64_t refusals() const { return fullness_.refusals; }
  // From now on, in this life and the next ones, all below `root` is so.
  void failPart(std::string root, FailedPart::Kind kind);
  // It is well again, with what it held. Whoever has taken it out of service has to be restarted.
  void mendPart();
  const FailedPart& failedPart() const { return failedPart_; }
  io::ManualClock& clock() { return clock_; }
  io::MemoryDisk& durable() { return durable_; }

private:
  struct Life;
  void taskFailed(kj::Exception&& exception) override;

  SimWorld& world_;
  const unsigned number_;
  const std::string name_;
  const std::string address_;
  io::Random random_;
  io::ManualClock clock_;
  io::MemoryDisk durable_;
  bool ignoreSyncs_ = false;
  std::uint64_t powerFailures_ = 0;
  std::uint64_t losses_ = 0;
  Fullness fullness_;
  FailedPart failedPart_;
  std::map<std::string, std::uint64_t> counters_;  // of past lives
  std::unique_ptr<Life> life_;
  kj::TaskSet graveyard_;
};

}  // namespace cairn::sim
