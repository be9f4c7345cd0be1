// Sizes and times by name: 4_KiB, 128_MiB; milliseconds as plain int64 with the unit in the name.
// Layer: base (std only).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace cairn {

constexpr std::uint64_t operator""_KiB(unsigned long long n) { return n << 10; }
constexpr std::uint64_t operator""_MiB(unsigned long long n) { return n << 20; }
constexpr std::uint64_t operator""_GiB(unsigned long long n) { return n << 30; }

// Milliseconds since 1970 UTC. Only Clock (common/io/clock.h) makes them.
using UnixMillis = std::int64_t;

// "512", "4k", "128MiB", "8 GiB", "1.5g": binary multiples, any case, optional "b"/"ib".
// INVALID_ARGUMENT with an example when it is none of these or does not fit.
Result<std::uint64_t> parseByteSize(std::string_view text);
// "512", "4 K", "1.5 G": HDFS's -h format (binary prefixes, one decimal unless it divides).
std::string formatByteSizeHadoop(std::uint64_t bytes);
// "512 B", "4.0 KiB", "1.5 GiB", for people.
std::string formatByteSize(std::uint64_t bytes);

}  // namespace cairn
