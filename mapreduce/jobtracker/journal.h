// The job tracker's memory: job events and summaries in RocksDB, one fsync a group.
// Layer: mapreduce/jobtracker.  Threads: one event loop; RocksDB is touched on `pool` only.
//
// append() and the others put changes into the open group; the group is written when the one before
// it is durable, so it grows by itself under load. durable() is the barrier that every answer waits
// for. After the first failed write the journal is dead: every barrier fails, now and later, and
// nothing more is written; what the failed group held may or may not be found at the next start.
//
// Keys: "S" -> Journal; "E" job event number -> JobEvent; "J" job -> JobSummary; where job is
// be64(tracker start ms) be32(sequence) and the number be64. An ended job's events go in the batch
// that writes its summary.
#pragma once

#include <kj/async.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/async/coroutine.h"
#include "common/async/work_pool.h"
#include "common/base/ids.h"
#include "common/base/result.h"
#include "common/base/units.h"
#include "common/schema/job.pb.h"
#include "mapreduce/api/ids.h"

namespace rocksdb {
class Env;
}

namespace cairn::mr {

inline constexpr std::uint32_t JOURNAL_FORMAT = 1;

struct JournalContents {
  // Grows strictly from start to start: the first part of new job ids.
  std::int64_t startMs = 0;
  // The file system that the jobs work on; nil until setCluster() was durable.
  ClusterId cluster;
  struct OpenJob {
    JobId id;
    std::vector<record::JobEvent> events;
  };
  std::vector<OpenJob> open;  // in order of id
  struct EndedJob {
    JobId id;
    record::JobSummary summary;
  };
  std::vector<EndedJob> ended;  // in order of id
};

class Journal {
public:
  // Opens or creates the database in `directory` and reads all of it. `env`: null for the real one.
  // IN_USE, CORRUPT, UNSUPPORTED_VERSION, IO_ERROR.
  struct Opened;
  static kj::Promise<Result<Opened>> open(async::WorkPool& pool, std::string directory,
                                          UnixMillis nowMs, rocksdb::Env* env = nullptr);
  ~Journal() noexcept(false);
  KJ_DISALLOW_COPY(Journal);

  void append(const JobId& job, const record::JobEvent& event);
  // The job is over and cleaned up: its events give way to the summary.
  void archive(const JobId& job, const record::JobSummary& summary);
  // Removes an old summary.
  void drop(const JobId& job);
  // Which file system the jobs work on. Once.
  void setCluster(const ClusterId& cluster);

  // Settles when all that was put in before is durable; at once when it is.
  kj::Promise<Result<void>> durable();
  bool isDurable() const { return group_ == nullptr && !writing_; }
  // Settles with the reason when the journal has died.
  kj::Promise<Status> onDeath();
  // Writes what is open, then closes the database.
  kj::Promise<void> close();

private:
  struct Database;
  struct Group;

  Journal(async::WorkPool& pool, std::shared_ptr<Database> database, record::Journal system);
  Group& group();
  kj::Promise<void> write();
  void die(Status why);

  async::WorkPool& pool_;
  std::shared_ptr<Database> database_;
  std::unique_ptr<Group> group_;  // what the next write will hold
  bool writing_ = false;
  kj::ForkedPromise<Result<void>> inFlight_;  // of the group being written; void when none is
  std::optional<Status> dead_;
  kj::Own<kj::PromiseFulfiller<Status>> deathFulfiller_;
  kj::ForkedPromise<Status> death_;
  std::map<JobId, std::uint64_t> nextEvent_;
  record::Journal system_;
  kj::Promise<void> writer_;
};

struct Journal::Opened {
  kj::Own<Journal> journal;
  JournalContents contents;
};

}  // namespace cairn::mr
