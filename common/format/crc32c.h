// CRC32C (Castagnoli; RFC 3720's, the one that HDFS, ext4 and iSCSI use).
// Layer: format (pure).  Threads: any.
// Cost: 20 GB/s with the CRC instructions of SSE 4.2 or ARMv8, when the build's baseline processor
// has them; otherwise about 1 GB/s from tables (tests/bench/format_bench.cc). Of units more, where
// the processor at hand can (crc32c_folding.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "common/base/bytes.h"

namespace cairn::format {

// Of `bytes`, or, with `crc` of some bytes, of those followed by `bytes`. Of no bytes: 0.
std::uint32_t crc32c(ByteView bytes, std::uint32_t crc = 0);

// The CRC of A followed by B, from those of A and of B. O(log lengthB): 50 ns for a
// power of two, below 1 us for any.
std::uint32_t crc32cCombine(std::uint32_t crcA, std::uint32_t crcB, std::uint64_t lengthB);

// The CRCs of consecutive units of limits::CHECKSUM_UNIT_BYTES: faster than one by one.
// REQUIRES: bytes.size() == crcs.size() * CHECKSUM_UNIT_BYTES.
void crc32cOfUnits(ByteView bytes, std::span<std::uint32_t> crcs);

// crc32cCombine() over the units' CRCs in order, after bytes whose CRC is `crc`.
std::uint32_t crc32cJoinUnits(std::span<const std::uint32_t> crcs, std::uint32_t crc = 0);

// What crc32c() and crc32cOfUnits() fall back to. Public so that they can be compared on any
// machine.
std::uint32_t crc32cPortable(ByteView bytes, std::uint32_t crc = 0);
void crc32cOfUnitsPlain(ByteView bytes, std::span<std::uint32_t> crcs);

}  // namespace cairn::format
