// The job tracker's Core with its journal in memory and trackers that are only recorders: every
// event comes from the test, on one loop in virtual time.
#pragma once

#include <gtest/gtest.h>
#include <rocksdb/env.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "mapreduce/jobtracker/core.h"
#include "tests/client/fakes/pipe_network.h"
#include "tests/mapreduce/runtime/fake_job_files.h"

namespace cairn::mr::fakes {

// What the job tracker asked a tracker to do.
struct TrackerLog {
  std::vector<AttemptId> launched;
  std::set<AttemptId> killed;
  std::set<std::string> forgotten;
};

class CoreTest : public ::testing::Test {
protected:
  CoreTest();
  ~CoreTest() noexcept override;

  // Opens the journal that is there, and takes up its jobs.
  void start();
  // As a killed process: what was not written by now is lost.
  void crash();

  // The tracker `number` beside datanode `number`; what it says it has. The jobs that it is told to
  // forget join its log.
  void registerTracker(std::uint64_t number, std::vector<AttemptId> running = {},
                       std::vector<AttemptId> held = {}, std::vector<JobId> jobs = {});
  static Uuid trackerId(std::uint64_t number) { return Uuid::fromHighLow(7, number); }

  // A file of `maps` chunks, chunk i on datanode 1 + i % datanodes.
  void addInput(const std::string& path, unsigned maps);
  record::JobSpec spec(std::uint32_t reduces);
  JobId submit(record::JobSpec spec);

  const TrackedJob& job(JobId id) { return *core->findJob(id); }
  bool ended(JobId id) { return core->findJob(id) == nullptr; }

  // --- What trackers report ---
  Result<void> mapDone(std::uint64_t tracker, AttemptId id);
  Result<void> failed(std::uint64_t tracker, AttemptId id, const std::string& message,
                      bool killed = false);
  Result<void> committed(std::uint64_t tracker, AttemptId id);
  // Writes the attempt's part where it belongs, then asks.
  Result<bool> commit(std::uint64_t tracker, AttemptId id);
  void writePart(AttemptId id);
  void shuffled(std::uint64_t tracker, AttemptId id);
  // A sign of life without news.
  void heartbeat(std::uint64_t tracker);

  template <typename T>
  T wait(kj::Promise<T> promise) {
    return loop.wait(kj::mv(promise));
  }
  void settle() { loop.settle(); }
  void advanceMs(std::uint32_t ms) {
    wait(loop.host.timer.afterDelay(ms * kj::MILLISECONDS));
    settle();
  }

  client::fakes::TestLoop loop;
  std::unique_ptr<rocksdb::Env> env;
  client::fakes::NamenodeState namenode;
  std::unique_ptr<FakeJobFiles> files;
  JobTrackerOptions options;
  kj::Own<Journal> journal;
  std::unique_ptr<Core> core;
  std::map<std::uint64_t, TrackerLog> trackers;

private:
  Result<void> finished(std::uint64_t tracker,
                        kj::FunctionParam<void(wire::AttemptResult::Builder)> fill);
};

}  // namespace cairn::mr::fakes
