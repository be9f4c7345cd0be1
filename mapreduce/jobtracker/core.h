// The job tracker's state and the operations on it. Each operation has a file of its own
// (submit.cc, kill.cc, register.cc, ...); this header is the map of them.
// Layer: mapreduce/jobtracker.  Threads: one event loop.
// Ownership: everything passed to the constructor outlives the Core.
//
// How it hangs together: what happens to a job is an event; record() applies it to the TrackedJob
// and puts it in the journal at once, so the next decision sees it. What follows outside (answers,
// launches, renames) waits for durable(). Decisions about places are the Scheduler's.
#pragma once

#include <kj/async.h>
#include <kj/vector.h>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/async/coroutine.h"
#include "common/base/result.h"
#include "common/rpc/host.h"
#include "common/rpc/retry.h"
#include "common/schema/job.capnp.h"
#include "common/schema/tracker.capnp.h"
#include "mapreduce/jobtracker/job.h"
#include "mapreduce/jobtracker/job_files.h"
#include "mapreduce/jobtracker/journal.h"
#include "mapreduce/jobtracker/metrics.h"
#include "mapreduce/jobtracker/server.h"
#include "mapreduce/sched/scheduler.h"

namespace cairn::mr {

namespace limits {
// Of a job's keys, values and program arguments together.
inline constexpr std::size_t CONF_BYTES_MAX = 1 << 20;
inline constexpr std::size_t NAME_BYTES_MAX = 1024;
inline constexpr std::size_t INPUTS_MAX = 10'000;
inline constexpr std::size_t JOBS_OPEN_MAX = 10'000;
inline constexpr std::size_t COUNTER_NAME_BYTES_MAX =
    256;                                                 // of a group, or a name; Hadoop: 128, 64
inline constexpr std::size_t OUTPUT_FILES_MAX = 1000;    // that one attempt commits
inline constexpr std::uint32_t MAP_OUTPUTS_PAGE = 2000;  // entries of one answer
inline constexpr std::size_t STDERR_TAIL_BYTES_MAX = 8192;
inline constexpr std::size_t FAILURE_MESSAGE_BYTES_MAX = 4096;
inline constexpr std::uint32_t FAILURES_PAGE = 100;   // failed attempts in one status
inline constexpr std::size_t LAUNCHES_A_MESSAGE = 8;  // each may carry CONF_BYTES_MAX
// Segments of all map outputs of a job: the job tracker remembers each, about 60 bytes.
inline constexpr std::uint64_t SEGMENTS_MAX = 20'000'000;
// Changes of progress alone reach waiting clients this often.
inline constexpr std::uint32_t PROGRESS_MS = 100;
// Reports that a map output cannot be reached, by reduces that keep trying, before the map is run
// again although its tracker seems alive. Hadoop: 3. An output that is damaged or missing there is
// given up at once, and counts as a failure of the map: one that never can be read must not run for
// ever.
inline constexpr std::uint32_t FETCH_REPORTS_MAX = 3;
}  // namespace limits

class Core final : private kj::TaskSet::ErrorHandler {
public:
  Core(rpc::Host& host, const JobTrackerOptions& options, JobFiles& files, Journal& journal,
       std::int64_t startMs);
  ~Core() noexcept(false);
  KJ_DISALLOW_COPY(Core);

  // --- recover.cc ---
  // Takes up what the journal holds. Before anything else; CORRUPT when it makes no sense.
  Result<void> recover(JournalContents contents);

  // --- For clients: submit.cc, status.cc, kill.cc ---
  JobId newJob();
  kj::Promise<Result<void>> submit(JobId id, record::JobSpec spec);
  struct StatusQuery {
    std::uint64_t afterVersion = 0;
    std::uint32_t failuresFrom = 0;
    bool withCounters = false;
  };
  // Settles when there is something newer than the query knows, or NOT_FOUND at once.
  kj::Promise<Result<void>> newer(JobId id, std::uint64_t afterVersion);
  // REQUIRES: the job is known.
  void fillStatus(JobId id, const StatusQuery& query, wire::JobStatus::Builder to) const;
  std::vector<JobId> list(bool all) const;  // newest first
  kj::Promise<Result<void>> kill(JobId id, std::string user);
  std::size_t trackerCount() const { return trackers_.size(); }
  void fillTrackers(capnp::List<wire::TrackerStatus>::Builder to) const;

  // --- For trackers: register.cc, heartbeat.cc, commit.cc, finished.cc, map_outputs.cc ---
  struct Registration {
    std::uint64_t session = 0;
    std::vector<std::string> forgotten;
  };
  kj::Promise<Result<Registration>> registerTracker(wire::TrackerInfo::Reader info,
                                                    wire::TaskTracker::Client tracker,
                                                    std::vector<AttemptId> running,
                                                    std::vector<AttemptId> held,
                                                    std::vector<JobId> jobs);
  // The connection behind a session is gone.
  void sessionClosed(sched::TrackerId tracker, std::uint64_t session);
  // STALE when a later registration has replaced this one: all calls of a session check it.
  Result<void> checkSession(sched::TrackerId tracker, std::uint64_t session) const;
  void heartbeat(sched::TrackerId tracker, capnp::List<wire::AttemptProgress>::Reader attempts);
  // Whether the attempt has won; its files are promoted then.
  kj::Promise<Result<bool>> commit(sched::TrackerId tracker, AttemptId attempt,
                                   std::vector<std::string> files);
  kj::Promise<Result<void>> finished(sched::TrackerId tracker, wire::AttemptResult::Reader result);
  // LIMIT_EXCEEDED for more counters, or longer names, than an attempt may have.
  static Result<void> checkCounters(capnp::List<wire::CounterValue>::Reader counters);
  // What changed after `afterVersion`, as the outputs of these maps; waits until something has.
  struct OutputsPage {
    std::uint64_t version = 0;
    std::vector<std::uint32_t> maps;
  };
  kj::Promise<Result<OutputsPage>> mapOutputs(JobId id, std::uint64_t afterVersion);
  void fillMapOutput(JobId id, std::uint32_t map, std::uint32_t reduce,
                     wire::MapOutput::Builder to) const;
  kj::Promise<Result<void>> mapOutputLost(AttemptId map, std::string reporter, Status reason);

  // Settles when all that has been decided is durable.
  kj::Promise<Result<void>> durable() { return journal_.durable(); }

  // An operation that is dropped when the Core goes: a call outlives its connection, and would go
  // on in a Core that is no more. Every call of a service passes through here.
  template <typename T>
  kj::Promise<T> guarded(kj::Promise<T> operation) {
    return calls_.wrap(kj::mv(operation));
  }
  // Null once the Core is gone; for objects that may outlive it.
  std::shared_ptr<Core*> handle() const { return self_; }

  // For tests.
  const TrackedJob* findJob(JobId id) const;
  const sched::Scheduler& scheduler() const { return scheduler_; }

private:
  // A job that has not been archived yet.
  struct Entry {
    explicit Entry(TrackedJob job) : job(std::move(job)) {}
    TrackedJob job;
    std::uint64_t version = 1;
    kj::Vector<kj::Own<kj::PromiseFulfiller<void>>> watchers;  // of version
    std::int64_t lastWakeMicros = 0;
    bool wakePlanned = false;
    bool endDurable = false;  // the end may be told
    bool ending = false;      // the output is being published
    // Maps in the order in which their outputs came, went or came again.
    std::vector<std::uint32_t> outputsLog;
    kj::Vector<kj::Own<kj::PromiseFulfiller<void>>> outputWatchers;
    std::map<AttemptId, std::uint32_t> fetchReports;
  };
  using EntryPtr = std::shared_ptr<Entry>;

  struct Tracker {
    std::string name;
    std::string address;
    std::string directory;
    sched::Place place;
    sched::Slots slots;
    std::uint64_t session = 0;
    kj::Maybe<wire::TaskTracker::Client> client;  // null: absent; lost when it stays so
    std::int64_t lastHeardMicros = 0;
    std::set<AttemptId> held;      // map outputs there
    std::set<AttemptId> attempts;  // that have not ended
    kj::Promise<void> watchdog = nullptr;
  };

  void taskFailed(kj::Exception&& exception) override;

  // --- core.cc ---
  EntryPtr find(const JobId& id) const;
  record::JobEvent event() const;  // with the time in it
  // Applies and journals. A misfit is a bug: logged, and the job is failed.
  void record(Entry& entry, const record::JobEvent& event);
  // The job has changed: a new version; watchers are told now, or soon for mere progress.
  void touch(Entry& entry, bool progressOnly = false);
  void wakeWatchers(Entry& entry);
  void outputsChanged(Entry& entry, std::uint32_t map);

  // Makes a call to the file system again for as long as its failure may pass and `wanted` says so:
  // a namenode that is away decides nothing about finished work.
  template <typename T, typename Call, typename Wanted>
  kj::Promise<Result<T>> persistently(Call call, Wanted wanted) {
    rpc::Backoff backoff({.firstMs = 100, .ceilingMs = 5000, .budgetMs = UINT32_MAX});
    while (true) {
      auto result = co_await call();
      if (result.has_value() || !wanted()) co_return result;
      const auto waitMs = backoff.nextMs(result.error(), host_.random);
      if (!waitMs.has_value()) co_return result;
      co_await host_.timer.afterDelay(*waitMs * kj::MILLISECONDS);
      if (!wanted()) co_return result;
    }
  }

  // --- launch.cc ---
  void scheduleSoon();
  void schedule();
  void sendLaunches(sched::TrackerId tracker, std::vector<AttemptId> attempts);
  void fillLaunch(const Entry& entry, const AttemptId& id, wire::TaskLaunch::Builder to) const;
  void sendKill(sched::TrackerId tracker, const std::vector<AttemptId>& attempts,
                std::string reason);

  // --- attempt_end.cc ---
  // The attempt ended without a result. Makes its task launchable again, or fails the job.
  void attemptEnded(Entry& entry, const AttemptId& id, bool killed, std::string message,
                    std::string stderrTail);
  // The attempt holds no slot any more.
  void release(Entry& entry, const AttemptId& id);
  // Runs maps again whose output is gone and still needed.
  void reviewMaps(Entry& entry);
  bool outputAvailable(const Entry& entry, std::uint32_t map) const;
  // Whether there is a reduce that has not got all of them.
  bool outputsNeeded(const Entry& entry) const;
  // The map runs again, or its job fails: `failed` counts against the task. REQUIRES: it is done,
  // and its output needed.
  void loseOutput(Entry& entry, std::uint32_t map, std::string reason, bool failed);

  // --- register.cc ---
  void watch(sched::TrackerId id);
  kj::Promise<void> watchdog(sched::TrackerId id);
  void loseTracker(sched::TrackerId id, std::string reason);

  // --- commit.cc ---
  kj::Promise<Result<bool>> promote(EntryPtr entry, AttemptId id);
  void finishTask(Entry& entry, const AttemptId& id, const CounterSet& counters);

  // --- submit.cc, recover.cc ---
  // Makes the job known to the scheduler; none of its tasks is launchable yet.
  void admit(const Entry& entry);
  void resume(const EntryPtr& entry);

  // --- finish_job.cc ---
  // Starts the commit when all tasks are done.
  void reviewEnd(const EntryPtr& entry);
  kj::Promise<void> publish(EntryPtr entry);
  void endJob(const EntryPtr& entry, record::JobEnd end, std::string message);
  kj::Promise<void> buryJob(EntryPtr entry);
  void failJob(Entry& entry, const TaskId& because);

  rpc::Host& host_;
  const JobTrackerOptions& options_;
  JobFiles& files_;
  Journal& journal_;
  JobTrackerMetrics metrics_;
  const std::int64_t startMs_;
  std::uint32_t lastSequence_ = 0;
  std::uint64_t lastSession_ = 0;
  std::map<JobId, EntryPtr> jobs_;
  std::map<JobId, record::JobSummary> ended_;
  std::set<JobId> submitting_;
  std::map<sched::TrackerId, Tracker> trackers_;
  sched::Scheduler scheduler_;
  bool schedulePlanned_ = false;
  std::int64_t wakeAtMs_ = 0;  // the timer that is set; 0: none
  // Last: what runs in these uses the rest.
  kj::Canceler calls_;
  kj::TaskSet tasks_;
  // Promotions under way. Not in their Entry, which they hold.
  std::map<AttemptId, kj::ForkedPromise<Result<bool>>> promotions_;
  std::shared_ptr<Core*> self_;
};

}  // namespace cairn::mr
