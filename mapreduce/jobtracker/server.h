// The job tracker as a daemon: listens, keeps its journal, runs jobs on the trackers that register.
// Layer: mapreduce/jobtracker.  Threads: one event loop; RocksDB on the injected journal pool.
#pragma once

#include <kj/async.h>

#include <cstdint>
#include <string>

#include "common/async/coroutine.h"
#include "common/async/work_pool.h"
#include "common/base/ids.h"
#include "common/base/result.h"
#include "common/rpc/acceptor.h"
#include "common/rpc/host.h"

namespace cairn::mr {

class JobFiles;

struct JobTrackerOptions {
  std::string directory;                  // of the journal; created when missing
  std::string listen = "127.0.0.1:8021";  // port 0: any free one
  std::string namenode = "127.0.0.1:8020";
  rpc::AcceptorOptions acceptor;

  // A tracker is asked for a sign of life this often, and lost when silent, or gone, for so long.
  std::uint32_t heartbeatMs = 1000;
  std::uint32_t trackerExpiryMs = 10'000;
  // How long a map may wait for a slot next to its input.
  std::uint32_t localityDelayMs = 200;
  // Share of the maps after which reduces are started, percent. Hadoop's slow start is 5: there a
  // reduce costs seconds to start and fetches are slow; here they would only hold memory.
  std::uint32_t reduceStartPercent = 80;
  std::uint32_t attemptsMax = 4;         // Hadoop mapreduce.map.maxattempts
  std::uint32_t trackerFailuresMax = 3;  // Hadoop mapreduce.job.maxtaskfailures.per.tracker
  std::uint32_t endedJobsKept = 1000;
};

class JobTrackerServer {
public:
  // `journalPool`: one thread of its own. Both outlive the server.
  JobTrackerServer(rpc::Host& host, async::WorkPool& journalPool, JobTrackerOptions options);
  // With other files than the cluster's; `files` outlives the server.
  JobTrackerServer(rpc::Host& host, async::WorkPool& journalPool, JobTrackerOptions options,
                   JobFiles& files);
  ~JobTrackerServer() noexcept(false);
  KJ_DISALLOW_COPY(JobTrackerServer);

  // Opens the journal, takes up the jobs in it, serves. IN_USE (another process holds the
  // directory, or the port), CORRUPT, UNSUPPORTED_VERSION, IO_ERROR. Does not wait for the
  // namenode; when that answers and is not of the cluster that the journal belongs to, onFatal()
  // says so, and no call reaches it.
  kj::Promise<Result<void>> start();
  // Stops serving and closes the journal. Attempts run on; a later start finds them.
  kj::Promise<void> stop();
  // "127.0.0.1:8021", once started.
  std::string address() const;
  // Whether jobs can be submitted now: it serves, and has heard from its namenode at some time.
  // UNAVAILABLE with the reason otherwise.
  Result<void> ready() const;
  // Settles with the reason when the journal has failed (nothing is acknowledged any more) or
  // belongs to another cluster: the process should end.
  kj::Promise<Status> onFatal();

private:
  struct Impl;
  kj::Own<Impl> impl_;
};

}  // namespace cairn::mr
