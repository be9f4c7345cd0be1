#include "mapreduce/jobtracker/journal.h"

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/options.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <system_error>
#include <utility>

#include "common/base/bytes.h"
#include "common/base/fault.h"
#include "common/log/log.h"
#include "common/rpc/convert.h"

namespace cairn::mr {

namespace {

constexpr char SYSTEM_KEY[] = "S";
constexpr char EVENT = 'E';
constexpr char SUMMARY = 'J';
constexpr std::size_t JOB_KEY_BYTES = 1 + 8 + 4;

std::string jobKey(char family, const JobId& job) {
  std::string key(1, family);
  appendBig(key, static_cast<std::uint64_t>(job.trackerStartMs));
  appendBig(key, job.sequence);
  return key;
}

JobId jobOf(std::string_view key) {
  return {static_cast<std::int64_t>(loadBig<std::uint64_t>(key.data() + 1)),
          loadBig<std::uint32_t>(key.data() + 9)};
}

Status statusFrom(const rocksdb::Status& status, const std::string& what) {
  auto code = Code::IO_ERROR;
  if (status.IsCorruption()) code = Code::CORRUPT;
  if (status.IsNoSpace()) code = Code::DISK_FULL;
  if (status.IsIOError() && status.ToString().find("lock") != std::string::npos) {
    code = Code::IN_USE;
  }
  return Status(code, what + ": " + status.ToString());
}

}  // namespace

struct Journal::Database {
  std::string directory;
  std::unique_ptr<rocksdb::DB> db;
};

struct Journal::Group {
  // Shared with the job on the pool, which may be the last to let go of it: the rest of a group
  // belongs to the loop's thread.
  std::shared_ptr<rocksdb::WriteBatch> batch = std::make_shared<rocksdb::WriteBatch>();
  kj::Own<kj::PromiseFulfiller<Result<void>>> done;
  kj::ForkedPromise<Result<void>> promise = nullptr;
};

namespace {

struct Loaded {
  JournalContents contents;
  record::Journal system;
  std::map<JobId, std::uint64_t> nextEvent;
};

Result<std::unique_ptr<rocksdb::DB>> openDatabase(const std::string& directory, rocksdb::Env* env) {
  rocksdb::Options options;
  options.create_if_missing = true;
  if (env != nullptr) {
    options.env = env;
  } else {
    // RocksDB makes only the last directory of the path.
    std::error_code error;
    std::filesystem::create_directories(directory, error);
    if (error) return fail(statusFromErrno(error.value(), "making " + directory));
  }
  options.max_background_jobs = 2;
  options.max_total_wal_size = 64_MiB;  // bounds the log that a restart reads
  options.write_buffer_size = 16_MiB;
  options.keep_log_file_num = 4;
  options.info_log_level = rocksdb::WARN_LEVEL;
  // A torn tail was never acknowledged; damage before it is an error, not something to skip.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  rocksdb::DB* db = nullptr;
  if (auto status = rocksdb::DB::Open(options, directory, &db); !status.ok()) {
    return fail(statusFrom(status, "the job tracker's journal in " + directory));
  }
  return std::unique_ptr<rocksdb::DB>(db);
}

Result<void> loadAll(rocksdb::DB& db, Loaded& loaded) {
  const auto damaged = [](std::string_view what) {
    return fail(Code::CORRUPT, "the job tracker's journal holds " + std::string(what));
  };
  std::unique_ptr<rocksdb::Iterator> at(db.NewIterator(rocksdb::ReadOptions()));
  auto& contents = loaded.contents;
  for (at->SeekToFirst(); at->Valid(); at->Next()) {
    const auto key = at->key();
    const auto value = at->value();
    const std::string_view text(key.data(), key.size());
    if (text == SYSTEM_KEY) continue;
    if (text.front() == EVENT && text.size() == JOB_KEY_BYTES + 8) {
      const auto job = jobOf(text);
      if (contents.open.empty() || contents.open.back().id != job) {
        contents.open.push_back({job, {}});
      }
      auto& events = contents.open.back().events;
      if (loadBig<std::uint64_t>(text.data() + JOB_KEY_BYTES) != events.size()) {
        return damaged("a gap in the events of " + job.toString());
      }
      if (!events.emplace_back().ParseFromArray(value.data(), static_cast<int>(value.size()))) {
        return damaged("an unreadable event of " + job.toString());
      }
      loaded.nextEvent[job] = events.size();
    } else if (text.front() == SUMMARY && text.size() == JOB_KEY_BYTES) {
      auto& ended = contents.ended.emplace_back();
      ended.id = jobOf(text);
      if (!ended.summary.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
        return damaged("an unreadable summary of " + ended.id.toString());
      }
    } else {
      return damaged("a row of an unknown kind");
    }
  }
  if (!at->status().ok()) return fail(statusFrom(at->status(), "reading the journal"));
  return {};
}

// Reads the system row and writes it anew for this start.
Result<void> beginStart(rocksdb::DB& db, UnixMillis nowMs, Loaded& loaded) {
  auto& [contents, system, nextEvent] = loaded;
  std::string value;
  auto status = db.Get(rocksdb::ReadOptions(), SYSTEM_KEY, &value);
  if (status.ok()) {
    if (!system.ParseFromString(value)) {
      return fail(Code::CORRUPT, "the job tracker's journal has an unreadable first row");
    }
    if (system.format() > JOURNAL_FORMAT) {
      return fail(Code::UNSUPPORTED_VERSION,
                  "the job tracker's journal has format " + std::to_string(system.format()) +
                      "; this program knows formats up to " + std::to_string(JOURNAL_FORMAT));
    }
  } else if (!status.IsNotFound()) {
    return fail(statusFrom(status, "reading the journal"));
  }
  if (system.cluster().size() == contents.cluster.bytes.size()) {
    std::ranges::copy(system.cluster(), contents.cluster.bytes.begin());
  }
  contents.startMs = std::max(nowMs, system.last_start_ms() + 1);
  system.set_format(JOURNAL_FORMAT);
  system.set_last_start_ms(contents.startMs);
  rocksdb::WriteOptions durably;
  durably.sync = true;
  if (auto put = db.Put(durably, SYSTEM_KEY, system.SerializeAsString()); !put.ok()) {
    return fail(statusFrom(put, "writing the journal"));
  }
  return {};
}

}  // namespace

kj::Promise<Result<Journal::Opened>> Journal::open(async::WorkPool& pool, std::string directory,
                                                   UnixMillis nowMs, rocksdb::Env* env) {
  auto database = std::make_shared<Database>();
  database->directory = directory;
  auto loaded = std::make_shared<Loaded>();
  auto job = [database, loaded, nowMs, env]() -> Result<void> {
    ASSIGN(database->db, openDatabase(database->directory, env));
    TRY(loadAll(*database->db, *loaded));
    return beginStart(*database->db, nowMs, *loaded);
  };
  CO_TRY(co_await pool.run(std::move(job)));
  kj::Own<Journal> journal(new Journal(pool, std::move(database), std::move(loaded->system)),
                           kj::_::HeapDisposer<Journal>::instance);
  journal->nextEvent_ = std::move(loaded->nextEvent);
  co_return Opened{kj::mv(journal), std::move(loaded->contents)};
}

Journal::Journal(async::WorkPool& pool, std::shared_ptr<Database> database, record::Journal system)
    : pool_(pool),
      database_(std::move(database)),
      inFlight_(nullptr),
      death_(nullptr),
      system_(std::move(system)),
      writer_(kj::READY_NOW) {
  auto paf = kj::newPromiseAndFulfiller<Status>();
  deathFulfiller_ = kj::mv(paf.fulfiller);
  death_ = paf.promise.fork();
}

Journal::~Journal() noexcept(false) {}

Journal::Group& Journal::group() {
  if (group_ == nullptr) {
    group_ = std::make_unique<Group>();
    auto paf = kj::newPromiseAndFulfiller<Result<void>>();
    group_->done = kj::mv(paf.fulfiller);
    group_->promise = paf.promise.fork();
    // What this turn of the loop still adds shall go into the same write.
    if (!writing_ && !dead_) {
      writing_ = true;
      writer_ =
          kj::evalLast([this]() { return write(); }).eagerlyEvaluate([this](kj::Exception&& e) {
            die(rpc::fromException(e, "the journal"));
          });
    }
  }
  return *group_;
}

void Journal::append(const JobId& job, const record::JobEvent& event) {
  auto key = jobKey(EVENT, job);
  appendBig(key, nextEvent_[job]++);
  group().batch->Put(key, event.SerializeAsString());
}

void Journal::archive(const JobId& job, const record::JobSummary& summary) {
  auto& batch = *group().batch;
  const auto key = jobKey(EVENT, job);
  const auto events = nextEvent_[job];
  for (std::uint64_t i = 0; i < events; ++i) {
    auto eventKey = key;
    appendBig(eventKey, i);
    batch.Delete(eventKey);
  }
  nextEvent_.erase(job);
  batch.Put(jobKey(SUMMARY, job), summary.SerializeAsString());
}

void Journal::drop(const JobId& job) { group().batch->Delete(jobKey(SUMMARY, job)); }

void Journal::setCluster(const ClusterId& cluster) {
  system_.set_cluster(reinterpret_cast<const char*>(cluster.bytes.data()), cluster.bytes.size());
  group().batch->Put(SYSTEM_KEY, system_.SerializeAsString());
}

kj::Promise<void> Journal::write() {
  while (group_ != nullptr && !dead_) {
    const auto group = std::move(group_);
    inFlight_ = group->promise.addBranch().fork();
    auto job = [database = database_, batch = group->batch]() -> Result<void> {
      TRY(faultError("jt.journal.before_write"));
      rocksdb::WriteOptions durably;
      durably.sync = true;
      if (auto status = database->db->Write(durably, batch.get()); !status.ok()) {
        return fail(statusFrom(status, "writing the job tracker's journal"));
      }
      return faultError("jt.journal.after_sync");
    };
    auto result = co_await pool_.run(std::move(job));
    if (!result.has_value()) {
      group->done->fulfill(fail(result.error()));
      die(std::move(result).error());
      co_return;
    }
    group->done->fulfill(Result<void>{});
  }
  writing_ = false;
}

void Journal::die(Status why) {
  if (dead_) return;
  LOG(ERROR) << "the job tracker's journal failed, nothing is acknowledged any more: "
             << why.toString();
  dead_ = why;
  writing_ = false;
  if (group_ != nullptr) group_->done->fulfill(fail(why));
  deathFulfiller_->fulfill(kj::mv(why));
}

kj::Promise<Result<void>> Journal::durable() {
  if (dead_) return Result<void>(fail(*dead_));
  if (group_ != nullptr) return group_->promise.addBranch();
  if (writing_) return inFlight_.addBranch();
  return Result<void>{};
}

kj::Promise<Status> Journal::onDeath() { return death_.addBranch(); }

kj::Promise<void> Journal::close() {
  // A failure has been reported to everyone who waited.
  (void)co_await durable();
  auto database = std::move(database_);
  co_await pool_.run([database = std::move(database)]() mutable {
    database->db.reset();
    database.reset();
  });
}

}  // namespace cairn::mr
