// The file "damaged" of a volume: which of its replicas are known to be damaged, so that a datanode
// that starts anew still knows it, and a namenode that starts anew counts on none of them. One that
// cannot be read is forgotten: whoever reads the replicas next, scrubbing at the latest, finds out
// again. Layer: datanode/store (pure).
//
//   cairn-datanode-damaged 1
//   replica 4096 7
//   replica 8192 12
//   sum 1234567890
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "datanode/store/replica_name.h"

namespace cairn::dn {

inline constexpr std::string_view DAMAGE_NOTE_FILE = "damaged";
// Noted at most, those with the lowest ids: a volume with more is about to be replaced.
inline constexpr std::size_t DAMAGE_NOTED_MAX = 10'000;
// No note is longer; a longer file is not read.
inline constexpr std::size_t DAMAGE_NOTE_BYTES_MAX = 1 << 20;

// The sum is the CRC32C of the lines above it.
std::string encodeDamageNote(const std::set<ReplicaKey>& damaged);
// CORRUPT for anything that encodeDamageNote() does not write, UNSUPPORTED_VERSION for a newer
// version.
Result<std::set<ReplicaKey>> decodeDamageNote(std::string_view text);

}  // namespace cairn::dn
