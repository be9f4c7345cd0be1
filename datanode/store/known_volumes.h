// The file "volumes" of a volume: all volumes of its datanode, and where they lay. So a volume
// whose mount is missing is not taken for a new, empty one. Layer: datanode/store (pure).
//
//   cairn-datanode-volumes 1
//   volume 0123456789abcdef0123456789abcdef /data/1
//   volume 00112233445566778899aabbccddeeff /data/2
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "common/base/ids.h"
#include "common/base/result.h"

namespace cairn::dn {

inline constexpr std::string_view VOLUMES_FILE = "volumes";
// A longer file is not read.
inline constexpr std::size_t VOLUMES_BYTES_MAX = 1 << 20;

// Directory by volume.
using KnownVolumes = std::map<Uuid, std::string>;

std::string encode(const KnownVolumes& volumes);
// CORRUPT for anything that encode() does not write, UNSUPPORTED_VERSION for a newer version.
Result<KnownVolumes> decodeKnownVolumes(std::string_view text);

}  // namespace cairn::dn
