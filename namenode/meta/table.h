// The namenode's tables: one RocksDB column family each. Keys: keys.h; values: records of
// common/schema/namenode.proto.
// Layer: meta (std only).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace cairn::nn {

// Never renumber: the order is part of a group's checksum.
enum class Table : std::uint8_t {
  DIRENT,      // parent inode, name -> Dirent
  INODE,       // inode -> Inode
  FILE_CHUNK,  // inode, index -> FileChunk
  CHUNK,       // chunk -> Chunk
  REPLICA,     // chunk, node -> Replica; node, chunk -> nothing; node, range -> RangeDigest
  LEASE,       // inode -> Lease
  GC,          // inode -> Garbage
  RETRY,       // group -> RecordedCalls (calls.proto)
  SYS,         // what is there once: Cluster, Group, Reservations; and node -> Datanode
  XATTR,       // inode, name -> XAttr
  SUMMARY,     // directory -> Summary; none: nothing lies below it. Derived (summaries.h)
};

inline constexpr std::size_t TABLE_COUNT = 11;
inline constexpr std::array<std::string_view, TABLE_COUNT> TABLE_NAMES{
    "dirent", "inode", "filechunk", "chunk", "replica", "lease",
    "gc",     "retry", "sys",       "xattr", "summary"};
inline constexpr std::array<Table, TABLE_COUNT> TABLES{
    Table::DIRENT, Table::INODE, Table::FILE_CHUNK, Table::CHUNK, Table::REPLICA, Table::LEASE,
    Table::GC,     Table::RETRY, Table::SYS,        Table::XATTR, Table::SUMMARY};

constexpr std::size_t indexOf(Table table) { return static_cast<std::size_t>(table); }
constexpr std::string_view nameOf(Table table) { return TABLE_NAMES[indexOf(table)]; }

}  // namespace cairn::nn
