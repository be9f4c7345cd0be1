// The client's side of the job tracker: submit, follow, list, kill.
// Layer: mapreduce/jobtracker.  Threads: one event loop.
// Ownership: `host` outlives the JobClient; the JobClient outlives the promises it gave.
// Errors: Results. A job tracker that does not answer is tried again within the retry policy (every
// call is safe to repeat), then UNAVAILABLE with the address.
#pragma once

#include <kj/async.h>
#include <kj/function.h>

#include <cstdint>
#include <string>
#include <vector>

#include "cairn/mr/conf.h"
#include "cairn/mr/counters.h"
#include "common/async/coroutine.h"
#include "common/base/result.h"
#include "common/rpc/client_pool.h"
#include "common/rpc/host.h"
#include "common/rpc/retry.h"
#include "common/schema/job.capnp.h"

namespace cairn::mr {

// What is executed as the task: nothing staged means the trackers' own cairn binary.
struct JobProgram {
  std::string stagedPath;  // in the file system
  std::uint64_t lengthBytes = 0;
  std::uint32_t crc32c = 0;
  std::vector<std::string> args;  // behind the flag that makes it a task
};

struct JobSpec {
  std::string name;
  std::string user;
  std::vector<std::string> inputs;
  std::string output;
  std::uint32_t reduces = 1;
  JobConf conf;
  JobProgram program;
};

enum class JobState : std::uint8_t { RUNNING, COMMITTING, SUCCEEDED, FAILED, KILLED };
inline bool hasEnded(JobState state) { return state >= JobState::SUCCEEDED; }
// "RUNNING", and so on, as Hadoop prints them (COMMITTING is RUNNING there, too).
std::string_view stateName(JobState state);

struct TaskCounts {
  std::uint32_t total = 0;
  std::uint32_t pending = 0;
  std::uint32_t running = 0;
  std::uint32_t done = 0;
};

struct AttemptFailure {
  std::string attempt;
  std::string tracker;
  std::string message;
  std::string stderrTail;
  bool killed = false;
  UnixMillis timeMs = 0;
};

struct JobStatus {
  std::string job;
  std::string name;
  std::string user;
  std::string output;
  JobState state = JobState::RUNNING;
  float mapProgress = 0;  // 0 to 1
  float reduceProgress = 0;
  UnixMillis submitMs = 0;
  UnixMillis finishMs = 0;  // 0 while it runs
  std::string message;
  std::uint64_t version = 0;
  TaskCounts maps;
  TaskCounts reduces;
  std::vector<AttemptFailure> failures;
  std::uint32_t failuresTotal = 0;
  CounterSet counters;
  std::uint32_t trackers = 0;
};

struct TrackerStatus {
  std::string name;
  std::string address;
  std::uint32_t node = 0;
  std::string machine;
  std::string rack;
  std::uint32_t mapSlots = 0;
  std::uint32_t reduceSlots = 0;
  std::uint32_t runningMaps = 0;
  std::uint32_t runningReduces = 0;
};

struct NewJob {
  std::string job;
  std::string stagingDirectory;
};

struct JobClientOptions {
  std::string jobtracker = "127.0.0.1:8021";
  std::string user;
  rpc::RetryPolicy retry;
  // Told of each pause before another try, for messages to the user.
  kj::Function<void(const Status& failure, std::uint32_t waitMs)> onRetry = [](const Status&,
                                                                               std::uint32_t) {};
};

class JobClient {
public:
  JobClient(rpc::Host& host, JobClientOptions options);
  ~JobClient() noexcept(false);
  KJ_DISALLOW_COPY(JobClient);

  // Errors and meaning of the calls: common/schema/job.capnp.
  kj::Promise<Result<NewJob>> newJob();
  kj::Promise<Result<void>> submit(std::string job, JobSpec spec);
  // At once when afterVersion is 0, otherwise when the job has a newer version or has ended.
  kj::Promise<Result<JobStatus>> status(std::string job, std::uint64_t afterVersion = 0,
                                        std::uint32_t failuresFrom = 0, bool withCounters = true);
  // The job's end. `onChange` sees each state on the way, the last one too; every failed attempt
  // appears in exactly one of them. A failed job is a value here, not an error.
  kj::Promise<Result<JobStatus>> wait(std::string job,
                                      kj::Function<void(const JobStatus&)> onChange);
  kj::Promise<Result<std::vector<JobStatus>>> list(bool all = true);
  kj::Promise<Result<void>> kill(std::string job);
  kj::Promise<Result<std::vector<TrackerStatus>>> trackers();

private:
  template <typename Value, typename Ask, typename Read>
  kj::Promise<Result<Value>> call(std::string what, Ask& ask, Read& read);
  // Waits before the next try; the failure itself when there will be none.
  kj::Promise<Result<void>> pause(rpc::Backoff& backoff, Status failure);

  rpc::Host& host_;
  JobClientOptions options_;
  rpc::ClientPool pool_;
};

}  // namespace cairn::mr
