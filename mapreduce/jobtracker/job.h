// One job as the journal tells it: what exists, what has been tried, what is done. Changes only by
// applying JobEvents, so that replaying the journal gives the same job.
// Layer: mapreduce/jobtracker (pure: no I/O, clock, threads, kj).  Threads: one at a time.
//
// What is not in the journal (progress, counters of running attempts, whether a tracker is there)
// lies in the live_ members, which a restart loses and trackers tell again.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cairn/mr/counters.h"
#include "common/base/ids.h"
#include "common/base/result.h"
#include "common/base/units.h"
#include "common/schema/job.pb.h"
#include "mapreduce/api/ids.h"
#include "mapreduce/sched/types.h"

namespace cairn::mr {

enum class AttemptState : std::uint8_t {
  RUNNING,    // given to a tracker; perhaps not started yet
  GRANTED,    // has won; its files are being promoted
  COMMITTED,  // its files are promoted; its own last words are awaited
  SUCCEEDED,
  FAILED,  // counts against the task
  KILLED,  // does not
};
inline bool hasEnded(AttemptState state) { return state >= AttemptState::SUCCEEDED; }

struct TrackedAttempt {
  AttemptState state = AttemptState::RUNNING;
  sched::TrackerId tracker;
  std::string trackerName;
  sched::Locality locality = sched::Locality::ANY;
  UnixMillis startMs = 0;
  UnixMillis endMs = 0;
  std::vector<std::string> files;  // to promote; from GRANTED on
  CounterSet counters;             // final ones once it has succeeded, else the last reported

  // Not in the journal.
  float liveProgress = 0;
  std::string livePhase;
  std::string liveStatus;
  bool liveShuffled = false;  // a reduce that has all its input
  bool liveGone = false;      // ended while its files are being promoted
};

struct TrackedTask {
  std::vector<TrackedAttempt> attempts;  // by number
  std::uint32_t failures = 0;
  std::optional<std::uint32_t> winner;  // from GRANTED on; of a map with reduces: once it is done
  bool done = false;
  std::vector<record::Segment> segments;  // of a finished map: one a reduce

  const TrackedAttempt* running() const;  // the attempt that has not ended, if any
};

struct Failure {
  TaskId task;
  std::uint32_t attempt = 0;
  bool killed = false;
  std::string trackerName;
  std::string message;
  std::string stderrTail;
  UnixMillis timeMs = 0;
};

enum class JobPhase : std::uint8_t { RUNNING, COMMITTING, ENDED };

class TrackedJob {
public:
  // REQUIRES: `first` is a Submitted event.
  TrackedJob(JobId id, const record::JobEvent& first);

  // INTERNAL when the event does not fit the state (a damaged journal, or a bug): nothing has
  // changed then.
  Result<void> apply(const record::JobEvent& event);

  const JobId& id() const { return id_; }
  const record::JobSpec& spec() const { return submitted_.spec(); }
  const record::Submitted& submitted() const { return submitted_; }
  JobPhase phase() const { return phase_; }
  bool killRequested() const { return killRequested_; }
  record::JobEnd end() const { return end_; }
  const std::string& endMessage() const { return endMessage_; }
  UnixMillis submitMs() const { return submitMs_; }
  UnixMillis endMs() const { return endMs_; }
  // The inode that the output will have; 0 before the commit began.
  std::uint64_t outputDirectory() const { return outputDirectory_; }
  const std::vector<Failure>& failures() const { return failures_; }

  std::vector<TrackedTask>& tasks(TaskKind kind) {
    return kind == TaskKind::MAP ? maps_ : reduces_;
  }
  const std::vector<TrackedTask>& tasks(TaskKind kind) const {
    return kind == TaskKind::MAP ? maps_ : reduces_;
  }
  std::uint32_t done(TaskKind kind) const { return done_[static_cast<int>(kind)]; }
  bool allDone() const { return done_[0] == maps_.size() && done_[1] == reduces_.size(); }
  // Whether maps leave their output with their trackers; otherwise they commit files.
  bool hasReduces() const { return !reduces_.empty(); }

  // Null when there is no such task or attempt.
  TrackedTask* findTask(const TaskId& id);
  TrackedAttempt* findAttempt(const AttemptId& id);

  // How many counters the job would have with these.
  std::size_t countersWith(const CounterSet& more) const;
  // What has been counted: winners of finished tasks, what running attempts last reported, and the
  // job's own (launched, data-local, failed). O(attempts), and O(counters) for each running one.
  CounterSet counters() const;
  // 0 to 1; 1 when there are none.
  float progress(TaskKind kind) const;

  // Everything that the journal determines, as text: equal after a replay. For tests.
  std::string fingerprint() const;

private:
  JobId id_;
  record::Submitted submitted_;
  UnixMillis submitMs_ = 0;
  UnixMillis endMs_ = 0;
  JobPhase phase_ = JobPhase::RUNNING;
  bool killRequested_ = false;
  record::JobEnd end_ = record::JOB_END_UNSPECIFIED;
  std::string endMessage_;
  std::uint64_t outputDirectory_ = 0;
  std::vector<TrackedTask> maps_;
  std::vector<TrackedTask> reduces_;
  std::uint32_t done_[2] = {0, 0};
  void addFailure(Failure failure);

  std::vector<Failure> failures_;
  CounterSet winnersCounters_;  // the sum over finished tasks
};

// --- Records and ids ---
record::TaskRef toRecord(const AttemptId& id);
AttemptId fromRecord(const JobId& job, const record::TaskRef& ref);
void toRecord(const CounterSet& counters,
              google::protobuf::RepeatedPtrField<record::CounterValue>* to);
CounterSet fromRecord(const google::protobuf::RepeatedPtrField<record::CounterValue>& from);
// What is kept of an ended job.
record::JobSummary summarise(const TrackedJob& job);

// Of an attempt, and of a job: programs' counters that would be more are left out while they are
// counted, and fail their attempt in the end. Hadoop allows 120.
inline constexpr std::size_t COUNTERS_MAX = 1000;
// Failures that keep the last lines of their attempt in memory; the last ones.
inline constexpr std::size_t FAILURE_TAILS_MAX = 1000;
// Failures kept in a summary; the last ones.
inline constexpr std::size_t SUMMARY_FAILURES_MAX = 20;

}  // namespace cairn::mr
