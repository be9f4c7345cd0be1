// RocksDB as the namenode uses it: its options, its errors, its directory. Private to this folder.
// Layer: meta.
#pragma once

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/listener.h>
#include <rocksdb/options.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "namenode/meta/store.h"
#include "namenode/meta/table.h"

namespace cairn::nn {

inline rocksdb::Slice toSlice(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view toView(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

// CORRUPT, DISK_FULL or IO_ERROR: "<what>: <RocksDB's reason>". REQUIRES: not ok.
Status fromRocks(const rocksdb::Status& status, std::string_view what);

// How far each table's changes are in files of their own, durably, in RocksDB's sequence numbers.
// Threads: any.
class FlushProgress final : public rocksdb::EventListener {
public:
  std::uint64_t through(Table table) const { return through_[indexOf(table)].load(); }
  void OnFlushCompleted(rocksdb::DB* db, const rocksdb::FlushJobInfo& job) override;

private:
  std::array<std::atomic<std::uint64_t>, TABLE_COUNT> through_{};
};

rocksdb::DBOptions dbOptions(const StoreOptions& options, rocksdb::Env* env);
rocksdb::ColumnFamilyOptions tableOptions(Table table, const StoreOptions& options,
                                          const std::shared_ptr<rocksdb::Cache>& cache);

// The open database: column families by table, and the lock on its directory.
class RocksFiles {
public:
  // `create`: an empty database where there is none. IN_USE, NOT_FORMATTED, CORRUPT, IO_ERROR.
  static Result<std::unique_ptr<RocksFiles>> open(const StoreOptions& options, bool create);
  ~RocksFiles();
  RocksFiles(const RocksFiles&) = delete;
  RocksFiles& operator=(const RocksFiles&) = delete;

  rocksdb::DB& db() const { return *db_; }
  rocksdb::ColumnFamilyHandle* family(Table table) const { return families_[indexOf(table)]; }
  const FlushProgress& flushed() const { return *flushed_; }
  // Heeds MemoryOnly.
  Result<bool> get(rocksdb::ReadOptions options, Table table, std::string_view key,
                   std::string& value) const;

private:
  explicit RocksFiles(rocksdb::Env* env) : env_(env) {}

  rocksdb::Env* env_;
  std::shared_ptr<FlushProgress> flushed_ = std::make_shared<FlushProgress>();
  rocksdb::FileLock* lock_ = nullptr;
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;  // all, those of other programs' tables too
  std::array<rocksdb::ColumnFamilyHandle*, TABLE_COUNT> families_{};
};

}  // namespace cairn::nn
