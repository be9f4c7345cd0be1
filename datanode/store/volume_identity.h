// The file "identity" of a volume: whose replicas lie there. A directory without it is no volume,
// and one whose identity is another's is refused. Layer: datanode/store (pure).
//
//   cairn-datanode-volume 1
//   cluster 0123456789abcdef0123456789abcdef
//   datanode 0123456789abcdef0123456789abcdef
//   volume 0123456789abcdef0123456789abcdef
//   node 3
#pragma once

#include <string>
#include <string_view>

#include "common/base/ids.h"
#include "common/base/result.h"

namespace cairn::dn {

inline constexpr std::string_view IDENTITY_FILE = "identity";
// No identity is longer; a longer file is not read.
inline constexpr std::size_t IDENTITY_BYTES_MAX = 4096;

struct VolumeIdentity {
  ClusterId cluster;
  Uuid datanode;  // the same on all volumes of a datanode
  Uuid volume;    // its own
  NodeId node;    // the number the namenode gave

  bool operator==(const VolumeIdentity&) const = default;
};

std::string encode(const VolumeIdentity& identity);
// CORRUPT for anything that encode() does not write, UNSUPPORTED_VERSION for a newer version.
Result<VolumeIdentity> decodeIdentity(std::string_view text);

}  // namespace cairn::dn
