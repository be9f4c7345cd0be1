// A real job tracker, real task trackers and real task processes over real sockets on one event
// loop, with the file system faked beneath them.
#pragma once

#include <gtest/gtest.h>
#include <kj/async-io.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "client/core/file_system.h"
#include "common/async/work_pool.h"
#include "common/io/clock.h"
#include "common/io/random.h"
#include "common/metrics/metrics.h"
#include "common/rpc/host.h"
#include "mapreduce/jobtracker/job_client.h"
#include "mapreduce/jobtracker/server.h"
#include "mapreduce/tasktracker/server.h"
#include "tests/client/fakes/fake_datanode.h"
#include "tests/client/fakes/fake_namenode.h"
#include "tests/mapreduce/runtime/fake_job_files.h"
#include "tests/testkit/scratch.h"

namespace cairn::mr::fakes {

// A sanitizer's shadow takes terabytes of addresses: tasks cannot be limited then.
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr bool ADDRESSES_UNLIMITED = true;
#else
inline constexpr bool ADDRESSES_UNLIMITED = false;
#endif

class RuntimeTest : public ::testing::Test {
protected:
  RuntimeTest();
  ~RuntimeTest() noexcept override;

  // Datanodes 1 to `nodes`, each on a machine of its own ("machine1", ...) unless `oneMachine`.
  void startFiles(unsigned nodes, std::uint64_t chunkSize, bool oneMachine = false);
  void startJobTracker();
  // The tracker beside datanode `node`; `change` edits its options.
  void startTracker(unsigned node, std::function<void(TaskTrackerOptions&)> change = {});
  // All of the above.
  void startAll(unsigned nodes, std::uint64_t chunkSize, bool oneMachine = false);

  void put(const std::string& path, std::string_view contents);
  std::string read(const std::string& path);
  // key -> value of all parts of an output directory.
  std::map<std::string, std::uint64_t> output(const std::string& directory);

  JobSpec spec(const std::string& program, const std::string& input, std::uint32_t reduces = 2);
  // Submits; the job's name.
  std::string submit(JobSpec spec);
  JobStatus wait(const std::string& job);
  JobStatus run(JobSpec spec) { return wait(submit(std::move(spec))); }

  template <typename T>
  T wait(kj::Promise<T> promise) {
    return promise.wait(io_.waitScope);
  }
  // Runs the loop until the condition holds; false after `ms`.
  bool until(std::function<bool()> done, std::uint32_t ms = 20'000);
  void pause(std::uint32_t ms) { wait(host.timer.afterDelay(ms * kj::MILLISECONDS)); }

  kj::AsyncIoContext io_;
  io::SystemClock clock_;
  io::Random random_;
  kj::Own<rpc::Network> network_;
  async::ThreadWorkPool workPool_;
  async::ThreadWorkPool journalPool_;
  metrics::Registry metrics_;

public:
  rpc::Host host;
  testkit::ScratchDir scratch;
  client::fakes::NamenodeState namenode;
  std::unique_ptr<client::fakes::FakeCluster> datanodes;
  std::unique_ptr<rpc::Acceptor> namenodeDoor;
  std::unique_ptr<FakeJobFiles> jobFiles;
  JobTrackerOptions jobTrackerOptions;
  std::unique_ptr<JobTrackerServer> jobTracker;
  kj::Own<Children> children;
  std::map<unsigned, std::unique_ptr<TaskTrackerServer>> trackers;
  std::unique_ptr<client::FileSystem> files;
  std::unique_ptr<JobClient> jobs;
  std::vector<AttemptFailure> failures;  // seen by the last wait()
};

}  // namespace cairn::mr::fakes
