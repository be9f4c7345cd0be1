// Typed reads of the tables: a row's bytes as its record.
// Layer: meta.  Errors: those of the view; CORRUPT when a row does not parse.
#pragma once

#include <optional>
#include <string>

#include "common/base/ids.h"
#include "common/schema/namenode.pb.h"
#include "namenode/meta/keys.h"
#include "namenode/meta/meta_view.h"

namespace cairn::nn {

// "a row of table dirent is damaged", with its key in hex.
Status damagedRow(Table table, std::string_view key);

template <typename Record>
Result<void> parseRow(Table table, std::string_view key, std::string_view value, Record& record) {
  if (!record.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
    return fail(damagedRow(table, key));
  }
  return {};
}

// The record in this row; nothing when there is no such row.
template <typename Record>
Result<std::optional<Record>> readRow(const MetaView& view, Table table, std::string_view key) {
  std::string value;
  ASSIGN(const bool found, view.get(table, key, value));
  std::optional<Record> record;
  if (found) {
    record.emplace();
    TRY(parseRow(table, key, value, *record));
  }
  return record;
}

inline Result<std::optional<record::Dirent>> findDirent(const MetaView& view, InodeId parent,
                                                        std::string_view name) {
  return readRow<record::Dirent>(view, Table::DIRENT, direntKey(parent, name));
}
inline Result<std::optional<record::Inode>> findInode(const MetaView& view, InodeId inode) {
  return readRow<record::Inode>(view, Table::INODE, inodeKey(inode));
}
inline Result<std::optional<record::FileChunk>> findFileChunk(const MetaView& view, InodeId inode,
                                                              std::uint32_t index) {
  return readRow<record::FileChunk>(view, Table::FILE_CHUNK, fileChunkKey(inode, index));
}
inline Result<std::optional<record::Chunk>> findChunk(const MetaView& view, ChunkId chunk) {
  return readRow<record::Chunk>(view, Table::CHUNK, chunkKey(chunk));
}
inline Result<std::optional<record::Replica>> findReplica(const MetaView& view, ChunkId chunk,
                                                          NodeId node) {
  return readRow<record::Replica>(view, Table::REPLICA, replicaKey(chunk, node));
}
inline Result<std::optional<record::Lease>> findLease(const MetaView& view, InodeId inode) {
  return readRow<record::Lease>(view, Table::LEASE, inodeKey(inode));
}

inline Result<std::optional<record::Summary>> findSummary(const MetaView& view, InodeId directory) {
  return readRow<record::Summary>(view, Table::SUMMARY, summaryKey(directory));
}

inline bool isDirectory(const record::Dirent& dirent) { return dirent.kind() == record::DIRECTORY; }
PathNode toPathNode(const record::Dirent& dirent);

// 16 bytes, high half first.
std::string uuidBytes(const Uuid& uuid);
// Nil for anything that is not 16 bytes.
Uuid uuidFromBytes(std::string_view bytes);

}  // namespace cairn::nn
