// The namenode's metadata on disk: the tables in one RocksDB, opened by one process at a time.
// This folder is the only place that knows RocksDB.
// Layer: meta.  Threads: commit() on one thread at a time (the journal's); reads on any, at any
// time.
//
// What a read sees is durable: a group of changes is written to the log (group_log.h) and synced,
// then put into RocksDB's tables, in memory at first. Opening replays the groups that may not be in
// its files yet, at most LOG_BYTES_MAX of them. The tables know which segment of the log is the
// newest, so that a lost log, or an older one, is not taken for the whole. A group may be replayed
// that is there already, in some tables or in all: rows are written whole, so the last group to
// write one decides.
//
// Errors: after IO_ERROR, DISK_FULL or CORRUPT from commit() the store is of no use any more: what
// is on disk is unknown until it is opened again. Reads may go on.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "common/base/ids.h"
#include "common/base/result.h"
#include "common/base/units.h"
#include "common/io/disk.h"
#include "common/schema/namenode.pb.h"
#include "namenode/meta/caches.h"
#include "namenode/meta/cold_reads.h"
#include "namenode/meta/known_names.h"
#include "namenode/meta/meta_view.h"
#include "namenode/meta/overlay.h"

namespace rocksdb {
class Env;
}

namespace cairn::nn {

// Version of the tables that this program writes, and the only one that it reads.
// 1: without table summary, before the first release.
inline constexpr std::uint32_t LAYOUT_VERSION = 2;

// Bytes of the log that may have to be replayed; above it the tables are written to files. About
// three quarters of a second (docs/performance.md).
inline constexpr std::uint64_t LOG_BYTES_MAX = 64_MiB;
// Above it a group waits until they are.
inline constexpr std::uint64_t LOG_BYTES_FULL = 512_MiB;

// What opening may write: files of RocksDB's, and a segment of the log.
inline constexpr std::uint64_t OPEN_BYTES_MIN = 16_MiB;

struct StoreOptions {
  std::string directory;
  rocksdb::Env* env = nullptr;  // null: the real file system
  // Where the log goes, in the root; outlives the store. Null: in the directory's own, on the real
  // file system.
  io::Disk* logDisk = nullptr;
  std::uint64_t logSecret = 0;              // GroupLogOptions::secret
  std::uint64_t blockCacheBytes = 256_MiB;  // RocksDB's cache of data, index and filter blocks
  std::size_t cachedDirectories = 1 << 18;  // about 150 bytes each
  std::size_t cachedEntries = 1 << 17;      // about 350 bytes each
  std::size_t knownNamesBytes = 32_MiB;     // KnownNames
  // False in the simulator: no flush or compaction while it runs, so no thread of RocksDB's own
  // makes a run unrepeatable. Holds as much as fits into memory.
  bool backgroundWork = true;
  // With less free space than this, and OPEN_BYTES_MIN, it is not opened: RocksDB would end the
  // process. Only on the real file system.
  std::uint64_t reservedBytes = 0;
};

struct FormatRequest {
  ClusterId cluster;
  std::string name;
  std::string superuser;   // owns the root
  std::string supergroup;  // the root's group
  UnixMillis nowMs = 0;
};

// What goes with a group of changes.
struct GroupHeader {
  TxId txid;
  UnixMillis timeMs = 0;
};

class Store {
public:
  // Makes a new, empty file system in the directory (which is created, parents included). Durable
  // when it returns. ALREADY_EXISTS when there is one, which is left alone; NOT_EMPTY when the
  // directory holds other files; IN_USE.
  static Result<void> format(const StoreOptions& options, const FormatRequest& request);

  // Opens it and raises the epoch, durably. NOT_FORMATTED, IN_USE, UNSUPPORTED_VERSION (another
  // layout), WRONG_CLUSTER (another one than `expected`), CORRUPT (damage in the middle of
  // the log or in a file, or the log is missing or an older one: refused, never cut off),
  // DISK_FULL, IO_ERROR.
  static Result<std::unique_ptr<Store>> open(const StoreOptions& options,
                                             std::optional<ClusterId> expected = {});
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  // --- As it was opened ---
  ClusterId cluster() const;
  const std::string& clusterName() const;
  const std::string& directory() const { return directory_; }
  // Of this opening, until raiseEpochAbove(); any thread.
  Epoch epoch() const { return Epoch(epoch_.load(std::memory_order_acquire)); }
  const record::Group& openedAt() const;  // the last group before it
  const record::Reservations& reservations() const;

  // --- Reads. All heed MemoryOnly (cold_reads.h). ---
  // The newest group that reads see; any thread.
  TxId newest() const { return TxId(newest_.load(std::memory_order_acquire)); }
  // Each read of this view sees the newest durable state; two reads may see different ones.
  const MetaView& latest() const;
  // Runs `read(const MetaView&)`, a function of several look-ups, on one moment of the tables.
  // It may be run twice: it must not have effects.
  template <typename Read>
  auto readSnapshot(Read&& read) const {
    const std::uint64_t version = directories_.version();
    if (!DirectoryCache::changing(version)) {
      auto result = read(*snapshot(true));
      if (directories_.version() == version) return result;
    }
    return read(*snapshot(false));
  }
  // The same for a function that looks at nothing but directories on a path and one other row: it
  // can do without the snapshot.
  template <typename Read>
  auto readEntry(Read&& read) const {
    const std::uint64_t version = directories_.version();
    if (!DirectoryCache::changing(version)) {
      auto result = read(latest());
      if (directories_.version() == version) return result;
    }
    return read(*snapshot(false));
  }
  // One moment of the tables. `cached`: findNode may answer from the directory cache, which is of
  // the newest moment: for readSnapshot alone.
  std::unique_ptr<const MetaView> snapshot(bool cached = false) const;

  // Reads the rows from the disk into RocksDB's cache. Errors show themselves to who reads them
  // again. Any thread, also beside close(); blocks.
  void fetch(std::span<const ColdRow> rows) const;

  // --- Writes ---
  // Makes the changes durable as one group, all or nothing, and then visible, with the summaries of
  // directories that follow from them. Blocks for one sync of the log. Returns the group's record.
  // REQUIRES: header.txid follows that of the last group.
  Result<record::Group> commit(const Overlay& changes, const GroupHeader& header);

  // Raises the epoch above this one and its own, durably: from then on nobody who has followed an
  // earlier one follows without registering anew. Blocks for one sync.
  Result<void> raiseEpochAbove(Epoch other);

  // The free bytes where it writes, the least of them; nothing where that is not known (in memory).
  // Any thread; blocks.
  Result<std::optional<std::uint64_t>> freeBytes() const;

  // Notes that a commit has failed: what was accepted is lost, and those who serve reads on other
  // threads are to refuse them.
  void giveUp() { givenUp_.store(true, std::memory_order_release); }
  bool givenUp() const { return givenUp_.load(std::memory_order_acquire); }

  // Closes the database and lets go of its directory, after the commit that is under way; from then
  // on reads and commits answer UNAVAILABLE. On the thread of the readers, or when nobody reads any
  // more; no cursor or snapshot may be left. Blocks.
  void close();

  // Bytes of the database's files, about; for metrics. On the thread of the readers.
  std::uint64_t diskBytes() const;
  // Bytes of the log that a restart needs, as of the last group; for metrics. From any thread.
  std::uint64_t logBytes() const { return logBytes_.load(std::memory_order_relaxed); }
  std::size_t cachedDirectories() const { return directories_.entries(); }
  std::size_t cachedEntries() const { return entries_.entries(); }

private:
  struct Rocks;
  class Batch;
  class LatestView;
  class SnapshotView;
  class ClosedView;
  explicit Store(const StoreOptions& options);
  Result<void> readCluster(std::optional<ClusterId> expected);
  Result<void> openLog(const StoreOptions& options);
  // A number of 8 bytes in table sys that RocksDB's own log makes durable; 0: it is not there.
  Result<std::uint64_t> readNumber(std::string_view key) const;
  Result<void> writeNumber(std::string_view key, std::uint64_t number);
  // Puts the rows into the tables. The log has them.
  Result<void> apply(TxId txid, Batch& batch);
  // Lets go of log that is not needed, and sees to it that there is not too much that is.
  void tidyLog();

  mutable DirectoryCache directories_;
  EntryCache entries_;
  mutable KnownNames names_;
  std::unique_ptr<Rocks> rocks_;
  std::unique_ptr<const MetaView> latest_;
  const std::string directory_;
  const bool backgroundWork_;
  record::Cluster cluster_;
  ClusterId clusterId_;
  std::atomic<std::uint64_t> epoch_ = 0;
  record::Group openedAt_;
  record::Group last_;  // of commit()
  std::atomic<std::uint64_t> newest_ = 0;
  std::atomic<bool> givenUp_ = false;
  std::atomic<std::uint64_t> logBytes_ = 0;
  record::Reservations reservations_;
};

}  // namespace cairn::nn
