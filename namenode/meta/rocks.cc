#include "namenode/meta/rocks.h"

#include <rocksdb/filter_policy.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/table_properties_collectors.h>

#include <algorithm>
#include <optional>

#include "namenode/meta/cold_reads.h"

namespace cairn::nn {
namespace {

constexpr std::string_view LOCK_FILE = "/cairn.lock";

constexpr std::uint64_t MEMTABLES_BYTES_MAX = 256_MiB;
constexpr std::uint64_t MEMTABLE_BYTES = 32_MiB;
constexpr std::uint64_t NO_FLUSH_BYTES = 1_GiB;  // more than a simulated run writes
// A file in which so many of so many neighbouring entries are deletes is compacted by itself:
// scans over the deletes of a big rm -r would take milliseconds (RocksDB #10300).
constexpr std::size_t DELETES_WINDOW = 4096;
constexpr std::size_t DELETES_TRIGGER = 2048;

// Durably: RocksDB syncs what is in its directory, not the name of the directory itself.
Result<void> createDirectories(rocksdb::Env& env, const std::string& path) {
  for (std::size_t slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
    const std::string prefix = path.substr(0, slash);
    if (!env.FileExists(prefix).ok()) {
      auto status = env.CreateDirIfMissing(prefix);
      std::unique_ptr<rocksdb::Directory> parent;
      const auto above = prefix.rfind('/');
      const std::string parentPath = above == std::string::npos ? "."
                                     : above == 0               ? "/"
                                                                : prefix.substr(0, above);
      if (status.ok()) status = env.NewDirectory(parentPath, &parent);
      if (status.ok()) status = parent->Fsync();
      if (!status.ok()) return fail(fromRocks(status, "cannot create " + prefix));
    }
    if (slash == std::string::npos) return {};
  }
}

// Nothing for a family that is none of ours.
std::optional<Table> tableNamed(std::string_view name) {
  const auto it = std::ranges::find(TABLE_NAMES, name);
  if (it == TABLE_NAMES.end()) return std::nullopt;
  return TABLES[static_cast<std::size_t>(it - TABLE_NAMES.begin())];
}

// What an interrupted format leaves behind; "lost+found" is a disk's own.
bool mayLieInNewDirectory(std::string_view name) {
  static constexpr std::string_view NAMES[] = {".",        "..",  "cairn.lock", "lost+found",
                                               "IDENTITY", "LOG", "LOCK",       "log"};
  static constexpr std::string_view BEGINNINGS[] = {"MANIFEST-", "OPTIONS-", "LOG.old."};
  static constexpr std::string_view ENDINGS[] = {".log", ".sst", ".dbtmp"};
  return std::ranges::find(NAMES, name) != std::end(NAMES) ||
         std::ranges::any_of(BEGINNINGS, [&](auto text) { return name.starts_with(text); }) ||
         std::ranges::any_of(ENDINGS, [&](auto text) { return name.ends_with(text); });
}

// REQUIRES: there is no database in it. NOT_EMPTY when it holds what is not the namenode's: the
// operator has named another directory than was meant.
Result<void> checkNewDirectory(rocksdb::Env& env, const std::string& directory) {
  std::vector<std::string> names;
  if (auto status = env.GetChildren(directory, &names); !status.ok()) {
    return fail(fromRocks(status, "cannot read the directory " + directory));
  }
  std::ranges::sort(names);
  for (const auto& name : names) {
    if (mayLieInNewDirectory(name)) continue;
    return fail(Code::NOT_EMPTY, directory + " holds other files (" + name +
                                     "): a namenode needs a directory of its own");
  }
  return {};
}

// Bytes of a key that those written one after the other share: the parent, the kind of
// row and the datanode or the upper half of an id, the upper half of an id. Few different ones:
// each costs a place in a map.
std::size_t hintPrefixBytes(Table table) {
  switch (table) {
    case Table::DIRENT: return 8;
    case Table::REPLICA: return 5;
    default: return 4;
  }
}

}  // namespace

Status fromRocks(const rocksdb::Status& status, std::string_view what) {
  const Code code = status.IsCorruption() ? Code::CORRUPT
                    : status.IsNoSpace()  ? Code::DISK_FULL
                                          : Code::IO_ERROR;
  return {code, std::string(what) + ": " + status.ToString()};
}

void FlushProgress::OnFlushCompleted(rocksdb::DB*, const rocksdb::FlushJobInfo& job) {
  const auto table = tableNamed(job.cf_name);
  if (!table.has_value()) return;
  auto& through = through_[indexOf(*table)];
  auto known = through.load();
  while (known < job.largest_seqno && !through.compare_exchange_weak(known, job.largest_seqno)) {
  }
}

rocksdb::DBOptions dbOptions(const StoreOptions& options, rocksdb::Env* env) {
  rocksdb::DBOptions db;
  db.env = env;
  db.create_missing_column_families = true;
  // Groups are in a log of our own (group_log.h). RocksDB's holds what format and open write, a few
  // rows; damage there must stop us. (The default, point-in-time, would drop what lies behind it.)
  db.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  db.avoid_flush_during_shutdown = true;  // the log has it
  db.paranoid_checks = true;
  db.allow_concurrent_memtable_write = false;  // one writer
  db.enable_write_thread_adaptive_yield = false;
  db.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
  db.max_log_file_size = 8_MiB;
  db.keep_log_file_num = 4;
  if (options.backgroundWork) {
    db.max_background_jobs = 2;
    db.db_write_buffer_size = MEMTABLES_BYTES_MAX;
    db.bytes_per_sync = 1_MiB;
  } else {
    db.max_file_opening_threads = 1;  // the caller's: else RocksDB starts its own at each opening
    // Not avoid_flush_during_recovery: it leaves the old log as it is, perhaps not synced, and goes
    // on in a new one; a power failure after the next sync then takes older groups and leaves newer
    // ones.
    db.stats_dump_period_sec = 0;
    db.stats_persist_period_sec = 0;
  }
  // Left off, for each has lost or refused data in RocksDB 7.8 (storage.md, N2): atomic_flush,
  // track_and_verify_wals_in_manifest, wal_compression, recycle_log_file_num, row_cache.
  return db;
}

rocksdb::ColumnFamilyOptions tableOptions(Table table, const StoreOptions& options,
                                          const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions blocks;
  blocks.block_cache = cache;
  blocks.cache_index_and_filter_blocks = true;
  blocks.cache_index_and_filter_blocks_with_high_priority = true;
  blocks.pin_l0_filter_and_index_blocks_in_cache = true;
  blocks.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
  blocks.partition_filters = true;
  blocks.metadata_block_size = 4096;
  blocks.block_size = 8192;
  blocks.format_version = 5;
  // Creating a file asks for a name that is not there: filters answer that, at the last level too.
  blocks.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10, false));
  blocks.whole_key_filtering = true;

  rocksdb::ColumnFamilyOptions family;
  family.table_factory.reset(rocksdb::NewBlockBasedTableFactory(blocks));
  family.write_buffer_size = options.backgroundWork ? MEMTABLE_BYTES : NO_FLUSH_BYTES;
  family.max_write_buffer_number = 4;
  // Only names are asked for that are not there (each create asks for one); elsewhere filling the
  // filter would cost more than it saves. Its size goes by the write buffer's: 20 MB a table where
  // that is never to be full.
  family.memtable_whole_key_filtering = true;
  family.memtable_prefix_bloom_size_ratio =
      options.backgroundWork && table == Table::DIRENT ? 0.02 : 0;
  // Keys come in order within these prefixes (a group is sorted, ids grow): the memtable finds the
  // place of the next one from that of the last.
  family.memtable_insert_with_hint_prefix_extractor.reset(
      rocksdb::NewCappedPrefixTransform(hintPrefixBytes(table)));
  family.level_compaction_dynamic_level_bytes = true;
  family.compression = rocksdb::kLZ4Compression;
  family.bottommost_compression = rocksdb::kZSTD;
  family.disable_auto_compactions = !options.backgroundWork;
  if (table == Table::DIRENT || table == Table::LEASE || table == Table::GC ||
      table == Table::RETRY || table == Table::REPLICA) {
    family.table_properties_collector_factories.push_back(
        rocksdb::NewCompactOnDeletionCollectorFactory(DELETES_WINDOW, DELETES_TRIGGER));
  }
  return family;
}

Result<std::unique_ptr<RocksFiles>> RocksFiles::open(const StoreOptions& options, bool create) {
  rocksdb::Env* env = options.env != nullptr ? options.env : rocksdb::Env::Default();
  const std::string& directory = options.directory;
  const bool exists = env->FileExists(directory + "/CURRENT").ok();
  if (!exists && !create) {
    return fail(Code::NOT_FORMATTED, "there is no file system in " + directory +
                                         "; make one with: cairn namenode --format");
  }
  if (!exists) {
    TRY(createDirectories(*env, directory));
    TRY(checkNewDirectory(*env, directory));
  }

  std::unique_ptr<RocksFiles> files(new RocksFiles(env));
  if (auto status = env->LockFile(directory + std::string(LOCK_FILE), &files->lock_);
      !status.ok()) {
    files->lock_ = nullptr;
    return fail(Code::IN_USE, "the namenode's directory " + directory +
                                  " is in use by another process: " + status.ToString());
  }

  rocksdb::DBOptions db = dbOptions(options, env);
  db.create_if_missing = create;
  db.listeners.push_back(files->flushed_);
  // Tables of a newer program are opened too, so that its layout can be read and named.
  std::vector<std::string> names;
  if (exists) {
    if (auto status = rocksdb::DB::ListColumnFamilies(db, directory, &names); !status.ok()) {
      return fail(fromRocks(status, "cannot read the namenode's directory " + directory));
    }
  } else {
    names.push_back(rocksdb::kDefaultColumnFamilyName);
  }
  for (const auto& table : TABLE_NAMES) {
    if (std::find(names.begin(), names.end(), table) == names.end()) names.emplace_back(table);
  }
  const auto cache = rocksdb::NewLRUCache(options.blockCacheBytes);
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const auto& name : names) {
    families.emplace_back(name,
                          tableOptions(tableNamed(name).value_or(Table::SYS), options, cache));
  }
  rocksdb::DB* opened = nullptr;
  if (auto status = rocksdb::DB::Open(db, directory, families, &files->handles_, &opened);
      !status.ok()) {
    return fail(fromRocks(status, "cannot open the namenode's tables in " + directory));
  }
  files->db_.reset(opened);
  for (auto* handle : files->handles_) {
    if (const auto table = tableNamed(handle->GetName()))
      files->families_[indexOf(*table)] = handle;
  }
  return files;
}

RocksFiles::~RocksFiles() {
  if (db_ != nullptr) {
    for (auto* handle : handles_) db_->DestroyColumnFamilyHandle(handle);
    db_->Close();
    db_.reset();
  }
  if (lock_ != nullptr) env_->UnlockFile(lock_);
}

Result<bool> RocksFiles::get(rocksdb::ReadOptions options, Table table, std::string_view key,
                             std::string& value) const {
  MemoryOnly* const memoryOnly = MemoryOnly::inForce();
  if (memoryOnly != nullptr) options.read_tier = rocksdb::kBlockCacheTier;
  const auto status = db_->Get(options, family(table), toSlice(key), &value);
  if (status.ok()) return true;
  if (status.IsNotFound()) return false;
  if (memoryOnly != nullptr && status.IsIncomplete()) {
    return fail(memoryOnly->miss({.table = table, .key = std::string(key), .prefix = {}}));
  }
  return fail(fromRocks(status, "cannot read the namenode's table " + std::string(nameOf(table))));
}

}  // namespace cairn::nn
