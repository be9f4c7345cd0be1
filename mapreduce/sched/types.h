// What the scheduler reasons about: trackers with slots, tasks with preferred places.
// Layer: mapreduce/sched (pure: no I/O, clock, threads, kj).  Threads: values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/base/ids.h"
#include "mapreduce/api/ids.h"

namespace cairn::mr::sched {

// A tracker by the uuid of its directory: the same after its restart.
using TrackerId = Uuid;

// Where bytes lie, or where a tracker stands. A node is a datanode's number, never a host name:
// several datanodes and trackers may share a host.
struct Place {
  NodeId node;          // 0: none
  std::string machine;  // boot id of the host; "": unknown
  std::string rack;

  bool operator==(const Place&) const = default;
};

enum class Locality : std::uint8_t {
  NODE = 0,     // the datanode beside the tracker holds the input
  MACHINE = 1,  // a datanode on the same host does
  RACK = 2,
  ANY = 3,
};

struct Slots {
  std::uint32_t maps = 0;
  std::uint32_t reduces = 0;

  std::uint32_t of(TaskKind kind) const { return kind == TaskKind::MAP ? maps : reduces; }
  std::uint32_t& of(TaskKind kind) { return kind == TaskKind::MAP ? maps : reduces; }
  bool operator==(const Slots&) const = default;
};

struct Launch {
  TaskId task;
  TrackerId tracker;
  Locality locality = Locality::ANY;

  bool operator==(const Launch&) const = default;
};

struct Decision {
  std::vector<Launch> launches;
  // Ask again at this time although nothing has happened: a task stops waiting for a better place
  // then. 0: only when something happens.
  std::int64_t wakeAtMs = 0;
};

// How one job is to be treated.
struct JobPolicy {
  std::uint32_t localityDelayMs = 200;
  std::uint32_t reduceStartPercent = 80;  // of the maps that are done
  std::uint32_t trackerFailuresMax = 3;   // of this job's attempts; then it gets no more of them
};

}  // namespace cairn::mr::sched
