// Identifiers as distinct types: mixing a chunk and an inode does not compile.
// Layer: base (std only).  Threads: values.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace cairn {

template <typename Tag, typename Rep = std::uint64_t>
struct StrongId {
  Rep value{};

  constexpr StrongId() = default;
  constexpr explicit StrongId(Rep value) : value(value) {}
  constexpr auto operator<=>(const StrongId&) const = default;
  // 0 never names anything: ids are handed out from 1 upwards.
  constexpr explicit operator bool() const { return value != 0; }
};

// A file or directory. The root is ROOT_INODE. Never reused.
using InodeId = StrongId<struct InodeIdTag>;
// A chunk: bit 63 clear (set will mean erasure-coded), the low four bits zero (room for the
// members of an erasure-coded group). Never reused.
using ChunkId = StrongId<struct ChunkIdTag>;
// Version of a chunk's replica set; strictly grows with each change of it.
using GenerationStamp = StrongId<struct GenerationStampTag>;
// A datanode, numbered by the namenode at its first registration. Never reused.
using NodeId = StrongId<struct NodeIdTag, std::uint32_t>;
// One life of the namenode; raised and synced at each of its starts.
using Epoch = StrongId<struct EpochTag>;
// Position of a committed group in the namenode's log.
using TxId = StrongId<struct TxIdTag>;

// HDFS numbers its root 16385 too (reserved ids stand below); ids of new inodes follow it.
inline constexpr InodeId ROOT_INODE{16385};

// 128 random bits. Names a cluster, a datanode's directory, one life of a process, a client.
struct Uuid {
  std::array<std::uint8_t, 16> bytes{};

  auto operator<=>(const Uuid&) const = default;
  bool isNil() const { return *this == Uuid{}; }
  std::uint64_t high() const;
  std::uint64_t low() const;
  static Uuid fromHighLow(std::uint64_t high, std::uint64_t low);
  // 32 lower-case hex digits.
  std::string toString() const;
  // INVALID_ARGUMENT unless exactly 32 hex digits.
  static Result<Uuid> parse(std::string_view text);
};

using ClusterId = Uuid;
using ClientId = Uuid;

}  // namespace cairn

template <typename Tag, typename Rep>
struct std::hash<cairn::StrongId<Tag, Rep>> {
  std::size_t operator()(const cairn::StrongId<Tag, Rep>& id) const noexcept {
    return std::hash<Rep>{}(id.value);
  }
};
template <>
struct std::hash<cairn::Uuid> {
  std::size_t operator()(const cairn::Uuid& id) const noexcept {
    return std::hash<std::uint64_t>{}(id.low());
  }
};
