#include "namenode/meta/store.h"

#include <rocksdb/write_batch.h>

#include <algorithm>
#include <mutex>
#include <shared_mutex>

#include "common/io/disk_ops.h"
#include "common/io/posix_disk.h"
#include "namenode/meta/change_hash.h"
#include "namenode/meta/checkpoints.h"
#include "namenode/meta/cold_reads.h"
#include "namenode/meta/group_log.h"
#include "namenode/meta/group_record.h"
#include "namenode/meta/keys.h"
#include "namenode/meta/known_names.h"
#include "namenode/meta/known_rows.h"
#include "namenode/meta/records.h"
#include "namenode/meta/replayed_rows.h"
#include "namenode/meta/rocks.h"
#include "namenode/meta/summaries.h"

namespace cairn::nn {
namespace {

constexpr std::string_view ROOT_NAME;
constexpr std::string_view LOG_DIRECTORY = "log";
// Each opening begins one; it takes a moment to read one.
constexpr std::size_t LOG_SEGMENTS_MAX = 32;
// Of groups that are replayed together.
constexpr std::size_t REPLAY_BYTES = 8_MiB;

// On the real file system. `known`: it must be there, and is not made anew.
Result<std::unique_ptr<io::Disk>> openLogDisk(const std::string& directory, bool known) {
  if (!known) {
    ASSIGN(const auto parent, io::PosixDisk::open(directory));
    TRY(io::makeDirsDurably(*parent, LOG_DIRECTORY));
  }
  const std::string path = directory + "/" + std::string(LOG_DIRECTORY);
  auto disk = io::PosixDisk::open(path);
  if (disk.has_value()) return std::unique_ptr<io::Disk>(std::move(*disk));
  if (!known || disk.error().code() != Code::NOT_FOUND) return fail(disk.error());
  return fail(Code::CORRUPT, "the namenode's log " + path +
                                 " is gone: the newest changes are in it. Put it back; nothing was "
                                 "changed");
}

Result<void> checkRoomToOpen(const StoreOptions& options) {
  const std::uint64_t needed = std::min(options.reservedBytes, OPEN_BYTES_MIN);
  if (options.env != nullptr || needed == 0) return {};
  auto disk = io::PosixDisk::open(options.directory);
  // Opening says what is wrong with it.
  if (!disk.has_value()) return {};
  ASSIGN(const auto space, (*disk)->space());
  if (space.freeBytes >= needed) return {};
  return fail(Code::DISK_FULL, "only " + formatByteSize(space.freeBytes) +
                                   " are free in the namenode's directory " + options.directory +
                                   ", which it cannot be opened with: make room for " +
                                   formatByteSize(needed) + " or more; nothing was changed");
}

// The smallest key greater than all that start with `prefix`; "" when there is none.
std::string prefixEnd(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && static_cast<unsigned char>(end.back()) == 0xff) end.pop_back();
  if (!end.empty()) ++end.back();
  return end;
}

class RocksCursor final : public Cursor {
public:
  RocksCursor(const RocksFiles& files, rocksdb::ReadOptions options, Table table,
              std::string_view prefix, std::string_view from)
      : table_(table),
        prefix_(prefix),
        end_(prefixEnd(prefix)),
        endSlice_(end_),
        memoryOnly_(MemoryOnly::inForce() != nullptr) {
    if (memoryOnly_) options.read_tier = rocksdb::kBlockCacheTier;
    // With the bound RocksDB does not walk over removed rows behind the prefix.
    if (!end_.empty()) options.iterate_upper_bound = &endSlice_;
    rows_.reset(files.db().NewIterator(options, files.family(table)));
    seek(from);
  }

  bool valid() const override { return rows_->Valid(); }
  std::string_view key() const override { return toView(rows_->key()); }
  std::string_view value() const override { return toView(rows_->value()); }
  void next() override {
    rows_->Next();
    if (!memoryOnly_) return;
    ++passed_;
    noteMiss();
  }
  void seek(std::string_view key) override {
    const auto from = std::max(key, std::string_view(prefix_));
    rows_->Seek(toSlice(from));
    if (!memoryOnly_) return;
    from_ = from;
    passed_ = 0;
    noteMiss();
  }
  Result<void> status() const override {
    if (rows_->status().ok()) return {};
    return fail(fromRocks(rows_->status(),
                          "cannot read the namenode's table " + std::string(nameOf(table_))));
  }

private:
  void noteMiss() {
    MemoryOnly* const memoryOnly = MemoryOnly::inForce();
    if (memoryOnly == nullptr || rows_->Valid() || !rows_->status().IsIncomplete()) return;
    (void)memoryOnly->miss(
        {.table = table_, .key = from_, .prefix = prefix_, .cursorRows = passed_, .cursor = true});
  }

  Table table_;
  std::string prefix_;
  std::string end_;
  rocksdb::Slice endSlice_;
  // As when it was made: RocksDB does not let a cursor change its mind.
  const bool memoryOnly_;
  std::string from_;        // where it began, and
  std::size_t passed_ = 0;  // the rows since; both only of one that is memoryOnly_
  std::unique_ptr<rocksdb::Iterator> rows_;
};

// `version`: the cache's from before the view's moment.
Result<std::shared_ptr<const PathNode>> findCached(DirectoryCache& directories,
                                                   const MetaView& view, InodeId parent,
                                                   std::string_view name, std::uint64_t version) {
  const Key key = direntKey(parent, name);
  std::shared_ptr<const PathNode> known;
  if (directories.find(key, known)) return known;
  ASSIGN(auto node, view.MetaView::findNode(parent, name));
  if (node != nullptr && node->directory) directories.insert(key, node, version);
  return node;
}

// The fingerprint of the history up to a group's rows; what says that the group is there is no part
// of it.
class GroupHash {
public:
  GroupHash(std::uint64_t before, TxId txid) : hash_(before) { hash_.add(txid.value); }

  void change(Table table, std::string_view key, std::optional<std::string_view> value) {
    hash_.add(indexOf(table));
    hash_.add(key);
    if (value.has_value()) {
      hash_.add(*value);
    } else {
      hash_.add(~std::uint64_t{0});
    }
  }
  std::uint64_t value() const { return hash_.value(); }

private:
  ChangeHash hash_;
};

}  // namespace

struct Store::Rocks {
  std::unique_ptr<RocksFiles> files;  // null: closed
  std::mutex committing;              // held by commit() and close()
  std::shared_mutex fetching;         // held by fetch(), shared, and by close()
  std::unique_ptr<io::Disk> ownLogDisk;
  io::Disk* logDisk = nullptr;
  rocksdb::Env* env = nullptr;
  std::unique_ptr<GroupLog> log;
  Checkpoints checkpoints;
  TxId flushAsked;                   // everything up to it was asked to be put into files
  std::string groupBytes;            // of commit(), kept for its memory
  std::unique_ptr<KnownRows> known;  // of commit(); null: closed

  Checkpoints::Sequences flushed() const {
    Checkpoints::Sequences through;
    for (const Table table : TABLES) through[indexOf(table)] = files->flushed().through(table);
    return through;
  }
};

// Rows for RocksDB, counted by table.
class Store::Batch {
public:
  Batch(const RocksFiles& files, std::size_t bytes) : files_(files), batch_(bytes) {}

  // `value`: nothing removes the row.
  void change(Table table, std::string_view key, std::optional<std::string_view> value) {
    if (value.has_value()) {
      batch_.Put(files_.family(table), toSlice(key), toSlice(*value));
    } else {
      batch_.Delete(files_.family(table), toSlice(key));
    }
    last_[indexOf(table)] = ++rows_;
  }
  // The last row: what says that the group is there, and all before it.
  void finish(const record::Group& group) {
    change(Table::SYS, SYS_GROUP, group.SerializeAsString());
  }

  rocksdb::WriteBatch& rows() { return batch_; }
  // Of the last row in each table, once the batch was written as the newest. RocksDB numbers the
  // rows of a batch in order.
  Checkpoints::Sequences sequences(std::uint64_t newest) const {
    Checkpoints::Sequences sequences = last_;
    for (auto& last : sequences) {
      if (last != 0) last += newest - rows_;
    }
    return sequences;
  }

private:
  const RocksFiles& files_;
  rocksdb::WriteBatch batch_;
  Checkpoints::Sequences last_{};
  std::uint64_t rows_ = 0;
};

class Store::ClosedView final : public MetaView {
public:
  static std::unexpected<Status> error() {
    return fail(Code::UNAVAILABLE, "the namenode's tables are closed");
  }
  Result<bool> get(Table table, std::string_view key, std::string& value) const override {
    return error();
  }
  std::unique_ptr<Cursor> scanFrom(Table table, std::string_view prefix,
                                   std::string_view from) const override {
    return std::make_unique<NoRows>();
  }

private:
  class NoRows final : public Cursor {
  public:
    bool valid() const override { return false; }
    std::string_view key() const override { return {}; }
    std::string_view value() const override { return {}; }
    void next() override {}
    void seek(std::string_view key) override {}
    Result<void> status() const override { return error(); }
  };
};

class Store::LatestView final : public MetaView {
public:
  LatestView(const RocksFiles& files, DirectoryCache& directories, EntryCache& entries,
             KnownNames& names)
      : files_(files), directories_(directories), entries_(entries), names_(names) {}
  Result<bool> get(Table table, std::string_view key, std::string& value) const override {
    if (table != Table::DIRENT) return files_.get({}, table, key, value);
    if (entries_.find(key, value)) return true;
    if (names_.isAbsent(parentInDirentKey(key), nameInDirentKey(key))) return false;
    const std::uint64_t version = entries_.version();
    ASSIGN(const bool found, files_.get({}, table, key, value));
    if (found) entries_.insert(key, value, version);
    return found;
  }
  std::unique_ptr<Cursor> scanFrom(Table table, std::string_view prefix,
                                   std::string_view from) const override {
    return std::make_unique<RocksCursor>(files_, rocksdb::ReadOptions(), table, prefix, from);
  }
  Result<std::shared_ptr<const PathNode>> findNode(InodeId parent,
                                                   std::string_view name) const override {
    return findCached(directories_, *this, parent, name, directories_.version());
  }

private:
  const RocksFiles& files_;
  DirectoryCache& directories_;
  EntryCache& entries_;
  KnownNames& names_;
};

class Store::SnapshotView final : public MetaView {
public:
  SnapshotView(const RocksFiles& files, DirectoryCache* directories)
      : files_(files),
        directories_(directories),
        version_(directories != nullptr ? directories->version() : 0),
        snapshot_(files.db().GetSnapshot()) {
    options_.snapshot = snapshot_;
  }
  ~SnapshotView() override { files_.db().ReleaseSnapshot(snapshot_); }
  SnapshotView(const SnapshotView&) = delete;
  SnapshotView& operator=(const SnapshotView&) = delete;

  Result<bool> get(Table table, std::string_view key, std::string& value) const override {
    return files_.get(options_, table, key, value);
  }
  std::unique_ptr<Cursor> scanFrom(Table table, std::string_view prefix,
                                   std::string_view from) const override {
    return std::make_unique<RocksCursor>(files_, options_, table, prefix, from);
  }
  Result<std::shared_ptr<const PathNode>> findNode(InodeId parent,
                                                   std::string_view name) const override {
    if (directories_ == nullptr) return MetaView::findNode(parent, name);
    return findCached(*directories_, *this, parent, name, version_);
  }

private:
  const RocksFiles& files_;
  DirectoryCache* directories_;
  const std::uint64_t version_;  // of the cache, before the snapshot
  const rocksdb::Snapshot* snapshot_;
  rocksdb::ReadOptions options_;
};

Store::Store(const StoreOptions& options)
    : directories_(options.cachedDirectories),
      entries_(options.cachedEntries),
      names_(options.knownNamesBytes),
      rocks_(std::make_unique<Rocks>()),
      directory_(options.directory),
      backgroundWork_(options.backgroundWork) {}

Store::~Store() = default;

Result<void> Store::format(const StoreOptions& options, const FormatRequest& request) {
  ASSIGN(const auto files, RocksFiles::open(options, true));
  std::string value;
  ASSIGN(const bool formatted, files->get({}, Table::SYS, SYS_CLUSTER, value));
  if (formatted) {
    return fail(Code::ALREADY_EXISTS, options.directory +
                                          " already holds a file system; remove the directory "
                                          "yourself if it is not needed any more");
  }
  record::Cluster cluster;
  cluster.set_layout(LAYOUT_VERSION);
  cluster.set_uuid(uuidBytes(request.cluster));
  cluster.set_name(request.name);
  cluster.set_created_ms(request.nowMs);

  record::Dirent root;
  root.set_txid(1);
  root.set_id(ROOT_INODE.value);
  root.set_kind(record::DIRECTORY);
  root.set_mode(0755);
  root.set_owner(request.superuser);
  root.set_group(request.supergroup);
  root.set_mtime_ms(request.nowMs);

  record::Group group;
  group.set_txid(1);
  group.set_time_ms(request.nowMs);
  group.mutable_counts()->set_directories(1);

  rocksdb::WriteBatch batch;
  const auto put = [&](Table table, std::string_view key, const std::string& bytes) {
    batch.Put(files->family(table), toSlice(key), bytes);
  };
  put(Table::DIRENT, direntKey(ROOT_PARENT, ROOT_NAME), root.SerializeAsString());
  put(Table::SYS, SYS_GROUP, group.SerializeAsString());
  // Its presence is what makes the directory formatted; all of it goes in one write.
  put(Table::SYS, SYS_CLUSTER, cluster.SerializeAsString());
  rocksdb::WriteOptions durable;
  durable.sync = true;
  if (auto status = files->db().Write(durable, &batch); !status.ok()) {
    return fail(fromRocks(status, "cannot format " + options.directory));
  }
  return {};
}

Result<std::unique_ptr<Store>> Store::open(const StoreOptions& options,
                                           std::optional<ClusterId> expected) {
  TRY(checkRoomToOpen(options));
  std::unique_ptr<Store> store(new Store(options));
  store->rocks_->env = options.env;
  ASSIGN(store->rocks_->files, RocksFiles::open(options, false));
  const RocksFiles& files = *store->rocks_->files;
  store->latest_ =
      std::make_unique<LatestView>(files, store->directories_, store->entries_, store->names_);

  TRY(store->readCluster(expected));
  TRY(store->openLog(options));
  TRY(store->readCluster(expected));  // the log may know better
  ASSIGN(auto marks, readRow<record::Reservations>(store->latest(), Table::SYS, SYS_RESERVATIONS));
  if (marks.has_value()) store->reservations_ = std::move(*marks);
  TRY(store->raiseEpochAbove(Epoch()));
  store->rocks_->known = std::make_unique<KnownRows>(store->latest());
  return store;
}

Result<void> Store::readCluster(std::optional<ClusterId> expected) {
  ASSIGN(auto cluster, readRow<record::Cluster>(latest(), Table::SYS, SYS_CLUSTER));
  if (!cluster.has_value()) {
    return fail(Code::NOT_FORMATTED,
                "formatting " + directory_ + " was interrupted; repeat: cairn namenode --format");
  }
  if (cluster->layout() != LAYOUT_VERSION) {
    return fail(Code::UNSUPPORTED_VERSION,
                directory_ + " has layout " + std::to_string(cluster->layout()) +
                    "; this program knows layout " + std::to_string(LAYOUT_VERSION) + ": use " +
                    (cluster->layout() > LAYOUT_VERSION ? "a newer" : "the older") + " one");
  }
  cluster_ = std::move(*cluster);
  clusterId_ = uuidFromBytes(cluster_.uuid());
  if (expected.has_value() && *expected != clusterId_) {
    return fail(Code::WRONG_CLUSTER, directory_ + " belongs to cluster " + clusterId_.toString() +
                                         ", not to " + expected->toString());
  }
  return {};
}

Result<void> Store::openLog(const StoreOptions& options) {
  Rocks& rocks = *rocks_;
  ASSIGN(const std::uint64_t knownSegment, readNumber(SYS_LOG));
  io::Disk* disk = options.logDisk;
  if (disk == nullptr) {
    if (options.env != nullptr) {
      return fail(Code::INVALID_ARGUMENT,
                  "tables that are not on the real file system need a disk "
                  "for their log");
    }
    ASSIGN(rocks.ownLogDisk, openLogDisk(directory_, knownSegment != 0));
    disk = rocks.ownLogDisk.get();
  }
  rocks.logDisk = disk;
  ASSIGN(auto inTables, readRow<record::Group>(latest(), Table::SYS, SYS_GROUP));
  if (!inTables.has_value()) return fail(damagedRow(Table::SYS, SYS_GROUP));
  last_ = std::move(*inTables);
  const TxId newestInTables(last_.txid());
  bool first = true;
  ReplayedRows replayed;
  const auto applyReplayed = [&]() -> Result<void> {
    if (replayed.bytes() == 0) return {};
    Batch batch(*rocks.files, replayed.bytes());
    replayed.forEach([&](const GroupRow& row) { batch.change(row.table, row.key, row.value); });
    replayed.clear();
    batch.finish(last_);
    return apply(TxId(last_.txid()), batch);
  };
  const auto replay = [&](TxId txid, ByteView payload) -> Result<void> {
    if (first && txid.value > newestInTables.value + 1) {
      return fail(Code::CORRUPT, "it begins with group " + std::to_string(txid.value) +
                                     ", the tables end with group " +
                                     std::to_string(newestInTables.value));
    }
    GroupHash hash(last_.checksum(), txid);
    ASSIGN(auto group,
           decodeGroup(replayed.keep(payload), [&](const GroupRow& row) -> Result<void> {
             hash.change(row.table, row.key, row.value);
             replayed.change(row);
             return {};
           }));
    // What came before the first one is not known any more.
    if (group.txid() != txid.value || (!first && group.checksum() != hash.value())) {
      return fail(Code::CORRUPT, "group " + std::to_string(txid.value) +
                                     " does not continue the history before it");
    }
    first = false;
    last_ = std::move(group);
    return replayed.bytes() < REPLAY_BYTES ? Result<void>() : applyReplayed();
  };
  const auto noteBegun = [this, known = knownSegment](std::uint64_t number) -> Result<void> {
    return number == known ? Result<void>() : writeNumber(SYS_LOG, number);
  };
  ASSIGN(rocks.log, GroupLog::open(*disk,
                                   {.cluster = clusterId_,
                                    .secret = options.logSecret,
                                    .knownSegment = knownSegment,
                                    .noteBegun = noteBegun},
                                   replay, TxId(newestInTables.value + 1)));
  TRY(applyReplayed());
  if (rocks.log->last() < newestInTables) {
    return fail(Code::CORRUPT, "the namenode's log ends with group " +
                                   std::to_string(rocks.log->last().value) +
                                   ", but its tables in " + directory_ + " with group " +
                                   std::to_string(newestInTables.value) +
                                   ": the log is not theirs, or a part of it is missing");
  }
  openedAt_ = last_;
  newest_.store(last_.txid(), std::memory_order_release);
  tidyLog();
  return {};
}

Result<void> Store::raiseEpochAbove(Epoch other) {
  const std::lock_guard lock(rocks_->committing);
  if (rocks_->files == nullptr) return ClosedView::error();
  ASSIGN(const std::uint64_t before, readNumber(SYS_EPOCH));
  const std::uint64_t raised = std::max(before, other.value) + 1;
  TRY(writeNumber(SYS_EPOCH, raised));
  epoch_.store(raised, std::memory_order_release);
  return {};
}

Result<std::optional<std::uint64_t>> Store::freeBytes() const {
  std::optional<std::uint64_t> least;
  if (rocks_->logDisk != nullptr) {
    ASSIGN(const auto space, rocks_->logDisk->space());
    least = space.freeBytes;
  }
  if (rocks_->env != nullptr) return least;
  ASSIGN(const auto disk, io::PosixDisk::open(directory_));
  ASSIGN(const auto space, disk->space());
  return std::min(least.value_or(space.freeBytes), space.freeBytes);
}

Result<std::uint64_t> Store::readNumber(std::string_view key) const {
  std::string bytes;
  ASSIGN(const bool found, rocks_->files->get({}, Table::SYS, key, bytes));
  if (!found) return 0;
  if (bytes.size() != 8) return fail(damagedRow(Table::SYS, key));
  return loadBig<std::uint64_t>(bytes.data());
}

Result<void> Store::writeNumber(std::string_view key, std::uint64_t number) {
  const RocksFiles& files = *rocks_->files;
  const Key bytes = Key().u64(number);
  rocksdb::WriteOptions durable;
  durable.sync = true;
  if (auto status = files.db().Put(durable, files.family(Table::SYS), toSlice(key), toSlice(bytes));
      !status.ok()) {
    return fail(fromRocks(status, "cannot write the namenode's " + std::string(key) + " number"));
  }
  return {};
}

ClusterId Store::cluster() const { return clusterId_; }
const std::string& Store::clusterName() const { return cluster_.name(); }
const record::Group& Store::openedAt() const { return openedAt_; }
const record::Reservations& Store::reservations() const { return reservations_; }
const MetaView& Store::latest() const { return *latest_; }

std::unique_ptr<const MetaView> Store::snapshot(bool cached) const {
  if (rocks_->files == nullptr) return std::make_unique<ClosedView>();
  return std::make_unique<SnapshotView>(*rocks_->files, cached ? &directories_ : nullptr);
}

void Store::fetch(std::span<const ColdRow> rows) const {
  // Rows that a cursor is likely to want behind the one it stopped at.
  constexpr std::size_t AHEAD = 1000;
  const std::shared_lock lock(rocks_->fetching);
  if (rocks_->files == nullptr) return;
  std::string value;
  for (const auto& row : rows) {
    if (!row.cursor) {
      (void)rocks_->files->get({}, row.table, row.key, value);
      continue;
    }
    RocksCursor cursor(*rocks_->files, {}, row.table, row.prefix, row.key);
    for (std::size_t n = 0; cursor.valid() && n < row.cursorRows + AHEAD; ++n) cursor.next();
  }
}

void Store::close() {
  const std::lock_guard lock(rocks_->committing);
  const std::lock_guard fetches(rocks_->fetching);
  rocks_->known = nullptr;
  latest_ = std::make_unique<ClosedView>();
  rocks_->log = nullptr;
  rocks_->files = nullptr;
}

Result<record::Group> Store::commit(const Overlay& changes, const GroupHeader& header) {
  const std::lock_guard lock(rocks_->committing);
  if (rocks_->files == nullptr) return ClosedView::error();
  ASSIGN(const Overlay summaries, foldSummaries(changes, *rocks_->known, header.txid));
  Batch batch(*rocks_->files, changes.bytes() + summaries.bytes() +
                                  16 * (changes.rowCount() + summaries.rowCount()) + 128);
  GroupHash hash(last_.checksum(), header.txid);
  for (const Overlay* rows : {&changes, &summaries}) {
    for (const Table table : TABLES) {
      for (const auto& [key, row] : rows->rows(table)) {
        hash.change(table, key, row.value);
        batch.change(table, key, row.value);
      }
    }
  }
  record::Group group = last_;
  group.set_txid(header.txid.value);
  group.set_epoch(epoch().value);
  group.set_time_ms(header.timeMs);
  group.set_checksum(hash.value());
  auto& counts = *group.mutable_counts();
  const auto& more = changes.counts();
  counts.set_files(counts.files() + static_cast<std::uint64_t>(more.files));
  counts.set_directories(counts.directories() + static_cast<std::uint64_t>(more.directories));
  counts.set_chunks(counts.chunks() + static_cast<std::uint64_t>(more.chunks));
  counts.set_garbage(counts.garbage() + static_cast<std::uint64_t>(more.garbage));
  batch.finish(group);

  encodeGroup(group, changes, summaries, rocks_->groupBytes);
  TRY(rocks_->log->append(header.txid, asBytes(rocks_->groupBytes)));

  const bool directories = !changes.changedDirectories().empty();
  if (directories) {
    directories_.beginChange();
    for (const auto& key : changes.changedDirectories()) directories_.forget(key);
  }
  for (const InodeId directory : changes.newDirectories()) names_.begin(directory);
  const auto& dirents = changes.rows(Table::DIRENT);
  if (!dirents.empty()) {
    entries_.beginChange();
    for (const auto& [key, row] : dirents) {
      entries_.forget(key);
      if (row.value.has_value()) names_.add(parentInDirentKey(key), nameInDirentKey(key));
    }
  }
  // After an error the caches stay in their state of change: they remember nothing any more.
  TRY(apply(header.txid, batch));
  if (directories) directories_.endChange();
  if (!dirents.empty()) entries_.endChange();
  for (const Overlay* rows : {&changes, &summaries}) rocks_->known->written(*rows);
  last_ = group;
  newest_.store(header.txid.value, std::memory_order_release);
  tidyLog();
  return group;
}

Result<void> Store::apply(TxId txid, Batch& batch) {
  auto& db = rocks_->files->db();
  rocksdb::WriteOptions logged;
  logged.disableWAL = true;
  if (auto status = db.Write(logged, &batch.rows()); !status.ok()) {
    return fail(fromRocks(status, "cannot write the namenode's tables"));
  }
  rocks_->checkpoints.applied(txid, batch.sequences(db.GetLatestSequenceNumber()));
  return {};
}

void Store::tidyLog() {
  Rocks& rocks = *rocks_;
  logBytes_.store(rocks.log->heldBytes(), std::memory_order_relaxed);
  if (!rocks.log->oldestEnd().has_value()) return;
  const auto flushed = rocks.flushed();
  const TxId covered = rocks.checkpoints.covered(flushed);
  rocks.log->release(covered);
  const std::uint64_t held = rocks.log->heldBytes();
  logBytes_.store(held, std::memory_order_relaxed);
  const bool many = held > LOG_BYTES_MAX || rocks.log->heldSegments() > LOG_SEGMENTS_MAX;
  const bool full = held > LOG_BYTES_FULL;
  if (!backgroundWork_ || !many || (covered < rocks.flushAsked && !full)) return;
  rocks.flushAsked = rocks.log->last();
  rocks.checkpoints.seal();
  rocksdb::FlushOptions flush;
  flush.wait = full;
  flush.allow_write_stall = true;
  for (const Table table : TABLES) {
    if (!rocks.checkpoints.isBehind(table, flushed)) continue;
    // A failure shows itself at the next write.
    rocks.files->db().Flush(flush, rocks.files->family(table)).PermitUncheckedError();
  }
}

std::uint64_t Store::diskBytes() const {
  std::uint64_t total = 0;
  if (rocks_->files == nullptr) return total;
  for (const Table table : TABLES) {
    std::uint64_t bytes = 0;
    if (rocks_->files->db().GetIntProperty(rocks_->files->family(table),
                                           rocksdb::DB::Properties::kTotalSstFilesSize, &bytes)) {
      total += bytes;
    }
  }
  return total;
}

}  // namespace cairn::nn
