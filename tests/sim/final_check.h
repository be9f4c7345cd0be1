// After a run, with the cluster healed: is everything there that was acknowledged, and is nothing
// there that must not be? Layer: tests/sim.  Threads: one event loop.
#pragma once

#include <kj/async.h>

#include <set>
#include <string>

#include "client/core/file_system.h"
#include "tests/sim/verdict.h"
#include "tests/sim/worker.h"

namespace cairn::sim {

// Closes those of the files that a dead writer left open, by recoverLease; where `leasesEnded`, the
// namenode must have done so. Each must get closed, unless datanodes may have lost what they knew:
// `losses`.
kj::Promise<void> closeFiles(client::FileSystem& files, Verdict& verdict, SimWorld& world,
                             std::set<std::string> paths, bool leasesEnded, std::uint64_t losses);
// Each chunk with any of the file's first `bytes` has REPLICATION copies. For runs in which no
// datanode fails; `bytes` were flushed once, so every node of their pipelines had them.
kj::Promise<void> checkCopies(client::FileSystem& files, Verdict& verdict, std::string path,
                              std::uint64_t bytes);
// Each chunk of every finished file has as many replicas as the file wants, or as there are
// datanodes: not fewer, and not more.
kj::Promise<void> checkReplication(client::FileSystem& files, Verdict& verdict, SimWorld& world,
                                   const WorkerState& worker, unsigned datanodes);
// Looks at every path that any worker ever touched, and reads every file. `files` must find the
// cluster well: an error of any kind is a violation. `losses`: of datanodes so far.
kj::Promise<void> checkWorker(client::FileSystem& files, Verdict& verdict, SimWorld& world,
                              const WorkerState& worker, std::uint64_t losses);
kj::Promise<void> checkContests(client::FileSystem& files, Verdict& verdict,
                                const Contests& contests);
// What the namenode says of the whole: nothing is missing, removed things are reclaimed, and, where
// no file is open for writing, there is no more on the datanodes than belongs there.
kj::Promise<void> checkReport(client::FileSystem& files, Verdict& verdict, std::uint64_t damaged,
                              bool noneOpen, ClusterReport& report);

}  // namespace cairn::sim
