// Makes single volumes fail while their datanodes live on, and mends them: a datanode takes a
// volume out of service for good, so it is restarted then; sometimes before, too, without the
// volume. What was on it is not lost: nobody may believe so, and nothing of it be served wrong.
// Layer: tests/sim.  Threads: one event loop.
#pragma once

#include <kj/async.h>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tests/sim/cluster.h"
#include "tests/sim/onlooker.h"
#include "tests/sim/sim_world.h"
#include "tests/sim/worker.h"

namespace cairn::sim {

// How much of it there is in a run; nothing: none.
struct VolumeTrouble {
  // Mean virtual time between two failures of single volumes; 0: none.
  std::int64_t everyMillis = 0;
  // Of every flush: that the volumes fail which hold what was flushed, on all its datanodes.
  double underWriters = 0;
  // All times of the run are so many times longer.
  std::int64_t scale = 1;

  static VolumeTrouble draw(io::Random& random, std::int64_t scale);
  bool any() const { return everyMillis > 0 || underWriters > 0; }
};

class VolumeFailures {
public:
  struct Strikes {
    std::function<void(Machine& machine)> restart;  // soon, and as soon as may be up again
    std::function<bool()> over;                     // no more trouble
  };
  // All outlive it; `onlooker` is on a machine that does not crash.
  VolumeFailures(SimWorld& world, Cluster& cluster, Onlooker& onlooker, io::Random random,
                 VolumeTrouble trouble, Strikes strikes);
  KJ_DISALLOW_COPY(VolumeFailures);

  // To be called every `millis` of virtual time.
  void tick(std::int64_t millis);
  // The worker's flush was acknowledged: see Shared::flushed.
  kj::Maybe<kj::Promise<bool>> flushed(WorkerState& worker);
  // All volumes are well again. Returns the machines that have to be restarted for it.
  std::vector<Machine*> mendAll();
  // Failures that lasted so long, or may have, that what was lost with them was rightly given up.
  std::uint64_t givenUp() const { return givenUp_; }

private:
  struct Outage {
    kj::TimePoint until;
    kj::TimePoint restart;  // without the volume; not before `until`: none
  };

  kj::Promise<bool> strikeUnder(OpenedFile file);
  void fail(unsigned datanode, std::string volume, kj::TimePoint until);
  // Whether it would come back as the same datanode, and know of the volume that it has failed.
  bool canLose(unsigned datanode, const std::string& volume);
  // The volume with a replica of this chunk, finished or not; "": none.
  std::string volumeOf(unsigned datanode, std::uint64_t chunk);
  kj::TimePoint soon(std::int64_t leastMillis, std::int64_t maxMillis);

  SimWorld& world_;
  Cluster& cluster_;
  Onlooker& onlooker_;
  io::Random random_;
  const VolumeTrouble trouble_;
  const Strikes strikes_;
  std::map<unsigned, Outage> outages_;  // by datanode; one volume each
  std::uint64_t givenUp_ = 0;
};

}  // namespace cairn::sim
