// RocksDB's memory for the rows of a table that are not in files yet, in place of its own skip
// list: that one searches anew for most rows of a group, and compares keys up to four times as
// often where RocksDB is built with its assertions, as Debian's is (docs/performance.md). Private
// to this folder. Layer: meta.  Threads: RocksDB's rules: one writes at a time
// (allow_concurrent_memtable_write is off), any number read.
#pragma once

#include <rocksdb/memtablerep.h>

namespace cairn::nn {

// REQUIRES: keys in byte order (RocksDB's default), and no insertion with hints.
class RowMemoryFactory final : public rocksdb::MemTableRepFactory {
public:
  using rocksdb::MemTableRepFactory::CreateMemTableRep;
  rocksdb::MemTableRep* CreateMemTableRep(const rocksdb::MemTableRep::KeyComparator& order,
                                          rocksdb::Allocator* allocator,
                                          const rocksdb::SliceTransform* prefixes,
                                          rocksdb::Logger* logger) override;
  const char* Name() const override { return "cairn.RowMemory"; }
};

}  // namespace cairn::nn
