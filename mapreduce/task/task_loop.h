// What lives on a task process's event loop: the connection to the tracker, the file system, the
// shuffle.
// Layer: mapreduce/task.  Threads: the task's event loop.
#pragma once

#include <capnp/rpc-twoparty.h>
#include <kj/async-io.h>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/core/file_system.h"
#include "common/async/work_pool.h"
#include "common/io/clock.h"
#include "common/io/random.h"
#include "common/metrics/metrics.h"
#include "common/rpc/host.h"
#include "common/schema/task.capnp.h"
#include "mapreduce/api/task_runtime.h"
#include "mapreduce/task/segment_fetcher.h"

namespace cairn::mr {

class TaskLoop final : private kj::TaskSet::ErrorHandler {
public:
  // Takes the descriptor over.
  TaskLoop(kj::AsyncIoContext& io, int controlFd);
  ~TaskLoop() noexcept(false);
  KJ_DISALLOW_COPY(TaskLoop);

  // Asks the tracker what the task is. First; once.
  kj::Promise<Result<TaskSpec>> getTask();

  kj::Promise<Result<kj::Own<client::FileReader>>> openInput(std::string path);
  kj::Promise<Result<std::optional<FetchedSegment>>> nextSegment();
  kj::Promise<Result<void>> rejectSegment(std::uint32_t map, std::uint32_t attempt, Status why);
  kj::Promise<Result<kj::Own<client::FileWriter>>> createOutput(std::string name);
  // Sends it without waiting for the answer.
  void report(float progress, std::string phase, std::string status, CounterSet counters);
  kj::Promise<Result<void>> commit();
  kj::Promise<Result<void>> finished(const Result<TaskOutcome>& outcome);

  // Set once the tracker has answered that the attempt shall stop, or is gone. Any thread.
  bool cancelled() const { return cancelled_.load(std::memory_order_relaxed); }
  // While the task's thread waits in here, the tracker is told now and then that it is alive.
  // Any thread.
  void setWaiting(bool waiting) { waiting_.store(waiting, std::memory_order_relaxed); }

private:
  void taskFailed(kj::Exception&& exception) override;
  kj::Promise<void> keepAlive();
  void sendReport();

  io::SystemClock clock_;
  io::Random random_;
  kj::Own<rpc::Network> network_;
  async::ThreadWorkPool workPool_;
  metrics::Registry metrics_;
  rpc::Host host_;

  kj::Own<kj::AsyncCapabilityStream> stream_;
  capnp::TwoPartyVatNetwork vat_;
  capnp::RpcSystem<capnp::rpc::twoparty::VatId> system_;
  wire::TaskHost::Client taskHost_;

  // From getTask() on.
  TaskSpec spec_;
  std::string machine_;
  std::string outputDirectory_;
  std::uint16_t outputReplication_ = 0;
  bool outputDirectoryMade_ = false;
  std::vector<std::string> outputs_;
  std::unique_ptr<client::FileSystem> files_;
  std::unique_ptr<SegmentFetcher> fetcher_;

  float progress_ = 0;
  std::string phase_;
  std::string status_;
  CounterSet counters_;
  std::atomic<bool> cancelled_{false};
  std::atomic<bool> waiting_{false};
  kj::TaskSet tasks_;
};

}  // namespace cairn::mr
