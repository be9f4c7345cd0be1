// The file "lost" of a volume: which replicas were lost with other volumes of its datanode
// (lost_replicas.h), so that a datanode that starts without those volumes still knows. A note that
// cannot be read is as good as none.
// Layer: datanode/store (pure).
//
//   cairn-datanode-lost 1
//   replica 4096 7 0123456789abcdef0123456789abcdef
//   replica 8192 12 0123456789abcdef0123456789abcdef
//   sum 1234567890
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "common/base/result.h"
#include "datanode/store/replica_name.h"

namespace cairn::dn {

inline constexpr std::string_view LOST_NOTE_FILE = "lost";
// Noted at most, those with the highest ids: what is being written now is among them.
inline constexpr std::size_t LOST_NOTED_MAX = 10'000;
// No note is longer; a longer file is not read.
inline constexpr std::size_t LOST_NOTE_BYTES_MAX = 1 << 20;

// Each with its volume.
using LostNote = std::map<ReplicaKey, Uuid>;

// The sum is the CRC32C of the lines above it.
std::string encodeLostNote(const LostNote& lost);
// CORRUPT for anything that encodeLostNote() does not write, UNSUPPORTED_VERSION for a newer
// version.
Result<LostNote> decodeLostNote(std::string_view text);

}  // namespace cairn::dn
