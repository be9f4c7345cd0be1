// Every limit of the system that crosses a component's border, in one place, each with its unit
// and its source. At a limit the answer is a clear error and nothing is lost.
// Layer: base (std only).
#pragma once

#include <cstddef>
#include <cstdint>

#include "common/base/units.h"

namespace cairn::limits {

// --- Names and files (HDFS 3.4's defaults, hdfs-default.xml fs-limits.*) ---
inline constexpr std::size_t NAME_BYTES_MAX = 255;
inline constexpr std::size_t PATH_BYTES_MAX = 8000;
inline constexpr std::size_t PATH_DEPTH_MAX = 1000;
inline constexpr std::uint64_t DIRECTORY_CHILDREN_MAX = 1048576;
inline constexpr std::uint32_t CHUNKS_PER_FILE_MAX = 10000;
inline constexpr std::uint32_t REPLICATION_MAX = 512;
// Datanodes in one pipeline: a longer chain would take long to open, and break often. A file that
// is to have more replicas gets the others by repair.
inline constexpr std::uint32_t PIPELINE_NODES_MAX = 16;
inline constexpr std::uint32_t LIST_PAGE_MAX = 1000;  // entries a reply; HDFS dfs.ls.limit

// --- Chunks and frames (plain bytes) ---
inline constexpr std::uint64_t CHUNK_SIZE_DEFAULT = 128_MiB;  // HDFS dfs.blocksize
inline constexpr std::uint64_t CHUNK_SIZE_MIN = 1_KiB;        // clients' test-suites use 1 KiB
inline constexpr std::uint64_t CHUNK_SIZE_MAX = 8_GiB;
inline constexpr std::uint32_t FRAME_SIZE_DEFAULT = 128_KiB;
inline constexpr std::uint32_t FRAME_SIZE_MAX = 1_MiB;
// HDFS's checksum unit; its file checksum is over CRCs of this many plain bytes.
inline constexpr std::uint32_t CHECKSUM_UNIT_BYTES = 512;

// --- Messages ---
// One RPC message. Packets and pages stay near 1 MiB; the rest is head-room.
inline constexpr std::uint64_t MESSAGE_BYTES_MAX = 16_MiB;
// Plain bytes that one packet or one read reply carries at most, about.
inline constexpr std::uint64_t PACKET_PLAIN_BYTES = 1_MiB;
// Bytes a writer may have unacknowledged in a pipeline. HDFS: 80 packets of 64 KiB.
inline constexpr std::uint64_t WRITE_WINDOW_BYTES = 16_MiB;

// --- Leases and liveness (HDFS's values) ---
inline constexpr std::int64_t LEASE_SOFT_MS = 60'000;
inline constexpr std::int64_t LEASE_HARD_MS = 1'200'000;
inline constexpr std::int64_t LEASE_RENEW_MS = 30'000;
// A recorded answer of a retried call lives this long; HDFS's retry cache: ten minutes.
inline constexpr std::int64_t RETRY_RECORD_MS = 600'000;

}  // namespace cairn::limits
