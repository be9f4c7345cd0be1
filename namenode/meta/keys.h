// Keys of the namenode's tables. All integers big endian, so that byte order is numeric order: the
// children of a directory lie together in byte order of their names, the chunks of a file in order.
// Layer: meta (pure).  Cost: no allocation.
#pragma once

#include <cstring>
#include <string>
#include <string_view>

#include "common/base/bytes.h"
#include "common/base/ids.h"
#include "common/base/limits.h"

namespace cairn::nn {

// Longest name of a user or group. utmp and useradd stop at 32; directories of users go further.
inline constexpr std::size_t PRINCIPAL_BYTES_MAX = 255;

// A key under construction, or a prefix of keys. Converts to the bytes it holds, which live as long
// as it does.
class Key {
public:
  static constexpr std::size_t CAPACITY = 288;
  static_assert(CAPACITY >= 24 + PRINCIPAL_BYTES_MAX && CAPACITY >= 8 + limits::NAME_BYTES_MAX);

  // Not defaulted: `Key()` would then fill data_ with zeros.
  Key() {}  // NOLINT(modernize-use-equals-default)
  Key(const Key& other) : size_(other.size_) { std::memcpy(data_, other.data_, size_); }
  Key& operator=(const Key& other) {
    size_ = other.size_;
    std::memmove(data_, other.data_, size_);
    return *this;
  }
  // NOLINTNEXTLINE(google-explicit-constructor): a key is its bytes.
  operator std::string_view() const { return {data_, size_}; }
  std::string_view view() const { return {data_, size_}; }

  Key& u8(std::uint8_t value) {
    data_[size_++] = static_cast<char>(value);
    return *this;
  }
  Key& u32(std::uint32_t value) { return append(value); }
  Key& u64(std::uint64_t value) { return append(value); }
  // Cuts what does not fit: callers have checked their limits long before.
  Key& text(std::string_view value) {
    size_ += value.copy(data_ + size_, CAPACITY - size_);
    return *this;
  }

private:
  template <typename T>
  Key& append(T value) {
    storeBig(data_ + size_, value);
    size_ += sizeof value;
    return *this;
  }
  std::size_t size_ = 0;
  char data_[CAPACITY];  // filled up to size_
};

// --- dirent. The root stands under parent 0 with an empty name. ---
inline constexpr InodeId ROOT_PARENT{0};
inline Key direntPrefix(InodeId parent) { return Key().u64(parent.value); }
inline Key direntKey(InodeId parent, std::string_view name) {
  return Key().u64(parent.value).text(name);
}
// Parent and name in a dirent key. REQUIRES: a key of that table.
inline InodeId parentInDirentKey(std::string_view key) {
  return InodeId(loadBig<std::uint64_t>(key.data()));
}
inline std::string_view nameInDirentKey(std::string_view key) { return key.substr(8); }

// --- inode, lease, gc: one row an inode ---
inline Key inodeKey(InodeId inode) { return Key().u64(inode.value); }
inline InodeId inodeInKey(std::string_view key) {
  return InodeId(loadBig<std::uint64_t>(key.data()));
}

// --- filechunk ---
inline Key fileChunkPrefix(InodeId inode) { return Key().u64(inode.value); }
inline Key fileChunkKey(InodeId inode, std::uint32_t index) {
  return Key().u64(inode.value).u32(index);
}
inline std::uint32_t indexInFileChunkKey(std::string_view key) {
  return loadBig<std::uint32_t>(key.data() + 8);
}

// --- chunk ---
inline Key chunkKey(ChunkId chunk) { return Key().u64(chunk.value); }

// --- replica: three kinds of rows, told apart by their first byte ---
// 'c' chunk node -> Replica: where is this chunk?
inline constexpr std::string_view REPLICAS_BY_CHUNK = "c";
inline Key replicaPrefix(ChunkId chunk) { return Key().u8('c').u64(chunk.value); }
inline Key replicaKey(ChunkId chunk, NodeId node) {
  return Key().u8('c').u64(chunk.value).u32(node.value);
}
inline ChunkId chunkInReplicaKey(std::string_view key) {
  return ChunkId(loadBig<std::uint64_t>(key.data() + 1));
}
inline NodeId nodeInReplicaKey(std::string_view key) {
  return NodeId(loadBig<std::uint32_t>(key.data() + 9));
}
// 'n' node chunk -> empty: what is on this datanode?
inline Key nodeReplicaPrefix(NodeId node) { return Key().u8('n').u32(node.value); }
inline Key nodeReplicaKey(NodeId node, ChunkId chunk) {
  return Key().u8('n').u32(node.value).u64(chunk.value);
}
inline ChunkId chunkInNodeReplicaKey(std::string_view key) {
  return ChunkId(loadBig<std::uint64_t>(key.data() + 5));
}
// 'd' node range -> RangeDigest: are the two lists equal?
inline Key digestPrefix(NodeId node) { return Key().u8('d').u32(node.value); }
inline Key digestKey(NodeId node, std::uint64_t range) {
  return Key().u8('d').u32(node.value).u64(range);
}
inline NodeId nodeInDigestKey(std::string_view key) {
  return NodeId(loadBig<std::uint32_t>(key.data() + 1));
}
inline std::uint64_t rangeInDigestKey(std::string_view key) {
  return loadBig<std::uint64_t>(key.data() + 5);
}

// --- retry: one row a group ---
inline Key retryKey(TxId group) { return Key().u64(group.value); }
inline TxId groupInRetryKey(std::string_view key) {
  return TxId(loadBig<std::uint64_t>(key.data()));
}

// --- xattr. Names may be longer than a Key holds. ---
inline Key xattrPrefix(InodeId inode) { return Key().u64(inode.value); }
inline std::string xattrKey(InodeId inode, std::string_view name) {
  std::string key(xattrPrefix(inode).view());
  return key += name;
}
inline std::string_view nameInXAttrKey(std::string_view key) { return key.substr(8); }

// --- summary ---
inline Key summaryKey(InodeId directory) { return Key().u64(directory.value); }

// --- sys ---
inline constexpr std::string_view SYS_CLUSTER = "cluster";  // Cluster
inline constexpr std::string_view SYS_EPOCH = "epoch";      // 8 bytes, big endian
// Newest segment of the log, 8 bytes, big endian; like the epoch not in the log, but in RocksDB's.
inline constexpr std::string_view SYS_LOG = "log";
inline constexpr std::string_view SYS_GROUP = "group";                // Group
inline constexpr std::string_view SYS_RESERVATIONS = "reservations";  // Reservations
inline constexpr std::string_view SYS_NEWER = "newer";                // NewerHistory
inline constexpr std::string_view SYS_DATANODES = "node/";            // prefix
inline Key datanodeKey(NodeId node) { return Key().text(SYS_DATANODES).u32(node.value); }

}  // namespace cairn::nn
