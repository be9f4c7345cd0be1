// The file "scrub" of a volume: how far the pass has come that reads all its replicas, so that a
// restart goes on there. It protects no data: one that cannot be read is forgotten, and a new pass
// begun. Layer: datanode/scrub (pure).
//
//   cairn-datanode-scrub 1
//   noted 1767225600000
//   age 86400000
//   last 40960
//   chunk 4096
//   generation 7
//   replicas 256
//   bytes 34359738368
//   sum 1234567890
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/ids.h"
#include "common/base/result.h"
#include "common/base/units.h"
#include "datanode/store/replica_name.h"

namespace cairn::dn {

inline constexpr std::string_view SCRUB_NOTE_FILE = "scrub";
// No note is longer; a longer file is not read.
inline constexpr std::size_t SCRUB_NOTE_BYTES_MAX = 4096;

struct ScrubNote {
  UnixMillis notedMs = 0;
  std::int64_t ageMs = 0;      // since the pass began, when it was noted
  ChunkId last;                // the last chunk that the pass covers
  ReplicaKey cursor;           // all up to this one have been read
  std::uint64_t replicas = 0;  // read in this pass
  std::uint64_t bytes = 0;     // of these replicas' files

  bool operator==(const ScrubNote&) const = default;
};

// The sum is the CRC32C of the lines above it.
std::string encode(const ScrubNote& note);
// CORRUPT for anything that encode() does not write, UNSUPPORTED_VERSION for a newer version.
Result<ScrubNote> decodeScrubNote(std::string_view text);

}  // namespace cairn::dn
