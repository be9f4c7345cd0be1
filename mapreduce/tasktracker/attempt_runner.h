// One attempt on this tracker: directories, process, control connection, limits, result.
// Layer: mapreduce/tasktracker.  Threads: one event loop.
// Lifecycle: made for a launch; run() settles when no process of it is left and the job tracker has
// acknowledged its end, or the job is over. Destroying it earlier kills the processes.
#pragma once

#include <capnp/message.h>
#include <capnp/rpc-twoparty.h>
#include <kj/async.h>

#include <memory>
#include <optional>
#include <string>

#include "cairn/mr/counters.h"
#include "common/async/coroutine.h"
#include "common/base/result.h"
#include "common/schema/task.capnp.h"
#include "common/schema/tracker.capnp.h"
#include "mapreduce/tasktracker/capped_log.h"
#include "mapreduce/tasktracker/services.h"

namespace cairn::mr {

class AttemptRunner {
public:
  AttemptRunner(TrackerServices& services, AttemptId id, wire::TaskLaunch::Reader launch);
  ~AttemptRunner() noexcept(false);
  KJ_DISALLOW_COPY(AttemptRunner);

  const AttemptId& id() const { return id_; }
  kj::Promise<void> run();
  // Kills the processes. `blameless`: it does not count as a failure. `silent`: the job is over,
  // nobody wants to hear of the end.
  void kill(std::string reason, bool blameless, bool silent = false);
  // The job tracker knows its end, or need not: it is not listed as running any more.
  bool settled() const { return acknowledged_ || silent_; }

  // --- Progress, for heartbeats ---
  bool progressDirty() const { return dirty_; }
  // The job tracker may have forgotten what it was told.
  void tellProgressAgain() { dirty_ = true; }
  void takeProgress(wire::AttemptProgress::Builder to);

  // --- What the task asks for; TaskHostService (task_host.h) calls these ---
  void describe(wire::TaskDescription::Builder to) const;
  // CANCELLED when it is to stop.
  Result<void> report(float progress, std::string phase, std::string status, CounterSet counters);
  // What the task says cannot be passed on: the attempt fails with this reason.
  void reject(std::string why);
  void shuffled();
  kj::Promise<Result<bool>> commit(std::vector<std::string> files);
  // `keptLength`: of a map output that was moved to its place, told to `onOutputKept`.
  kj::Promise<Result<void>> finished(CounterSet counters, wire::TaskOutcome::Reader outcome);
  TrackerServices& services() { return services_; }
  wire::TaskLaunch::Reader launch() const { return launch_; }
  bool isReduce() const { return id_.task.kind == TaskKind::REDUCE; }

  // Called when a finished map output stands at its place: the tracker holds it from then on.
  kj::Function<void(const AttemptId&, std::uint64_t lengthBytes)> onOutputKept =
      [](const AttemptId&, std::uint64_t) {};

private:
  kj::Promise<Result<ChildSpec>> prepare();
  kj::Promise<Result<ChildExit>> execute();
  kj::Promise<void> watchProgress();
  kj::Promise<void> reportFailure(std::string message);
  void killChild();
  std::uint32_t timeoutMs() const;
  std::uint64_t memoryBytes() const;
  std::string confValue(std::string_view key) const;

  TrackerServices& services_;
  const AttemptId id_;
  capnp::MallocMessageBuilder launchMessage_;
  wire::TaskLaunch::Reader launch_;
  CappedLog stdout_;
  CappedLog stderr_;

  kj::Maybe<kj::Own<Child>> child_;
  kj::Promise<void> killAgain_ = nullptr;
  std::int64_t lastReportMicros_ = 0;
  std::string killReason_;  // "" while it is not being killed
  struct Event {
    Event() {
      auto paf = kj::newPromiseAndFulfiller<void>();
      fulfiller = kj::mv(paf.fulfiller);
      promise = paf.promise.fork();
    }
    kj::Own<kj::PromiseFulfiller<void>> fulfiller;
    kj::ForkedPromise<void> promise = nullptr;
  };
  Event killed_;    // kill() was called
  Event silenced_;  // with `silent`
  bool blameless_ = false;
  bool silent_ = false;
  bool acknowledged_ = false;
  std::optional<std::string> failure_;  // what the task itself says went wrong

  float progress_ = 0;
  std::string phase_;
  std::string status_;
  CounterSet counters_;
  bool shuffled_ = false;
  bool dirty_ = true;
};

}  // namespace cairn::mr
