// The file "followed" of a volume: how new the newest namenode was that the datanode has followed,
// so that it does not follow an older one, whose orders would destroy what that one does not know.
// The newest of all volumes counts; one that cannot be read is as good as none.
// Layer: datanode/store (pure).
//
//   cairn-datanode-followed 1
//   epoch 5
//   group 81234
//   sum 1234567890
#pragma once

#include <string>
#include <string_view>

#include "common/base/ids.h"
#include "common/base/result.h"

namespace cairn::dn {

inline constexpr std::string_view FOLLOWED_NOTE_FILE = "followed";
// No note is longer; a longer file is not read.
inline constexpr std::size_t FOLLOWED_NOTE_BYTES_MAX = 4096;

struct Followed {
  Epoch epoch;
  TxId group;  // the newest that the namenode of this epoch has named

  auto operator<=>(const Followed&) const = default;
};

// The sum is the CRC32C of the lines above it.
std::string encode(const Followed& followed);
// CORRUPT for anything that encode() does not write, UNSUPPORTED_VERSION for a newer version.
Result<Followed> decodeFollowed(std::string_view text);

}  // namespace cairn::dn
