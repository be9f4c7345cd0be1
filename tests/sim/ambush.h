// Traps for writers: the first node of a pipeline dies with the acknowledgement of bytes that all
// its nodes show, and as soon as the writer has another pipeline it dies, or a node of that.
// What was shown has to stay. By chance alone, runs hardly ever come to this.
// Layer: tests/sim.  Threads: one event loop.
#pragma once

#include <kj/async.h>

#include <functional>
#include <string>

#include "tests/sim/cluster.h"
#include "tests/sim/onlooker.h"
#include "tests/sim/sim_world.h"
#include "tests/sim/verdict.h"
#include "tests/sim/worker.h"

namespace cairn::sim {

class Ambushes final : private kj::TaskSet::ErrorHandler {
public:
  struct Strikes {
    std::function<void(Machine& machine)> crash;  // now
    std::function<void(unsigned client)> crashClient;
    std::function<bool()> over;  // no more trouble
  };
  // All outlive it; `onlooker` is on a machine that does not crash.
  Ambushes(SimWorld& world, Verdict& verdict, Cluster& cluster, Onlooker& onlooker,
           io::Random random, Strikes strikes);
  KJ_DISALLOW_COPY(Ambushes);

  // Lays one for the writer, which is about to flush. One at a time: nothing happens while another
  // is under way.
  void lay(WorkerState& writer);

private:
  kj::Promise<void> run(OpenedFile file);
  // Settles when readers are shown more than the writer knows of; false: they never were.
  kj::Promise<bool> awaitShown(const OpenedFile& file, Look& seen);
  // Settles when the file has another pipeline on record; false: not soon.
  kj::Promise<bool> awaitRebuild(const OpenedFile& file, Look& seen);
  bool goesOn(const OpenedFile& file) const { return !strikes_.over() && file.isBeingWritten(); }
  // null: no datanode has the address.
  Machine* machineAt(const std::string& address);
  // Nothing of what datanodes say reaches the client.
  void silence(unsigned client, bool silent, const Machine* but);
  void taskFailed(kj::Exception&& exception) override;

  SimWorld& world_;
  Verdict& verdict_;
  Cluster& cluster_;
  Onlooker& onlooker_;
  io::Random random_;
  const Strikes strikes_;
  bool underWay_ = false;
  kj::TaskSet tasks_;
};

}  // namespace cairn::sim
