// Which volume gets the next replica.
// Layer: datanode/store (pure).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace cairn::dn {

struct VolumeLoad {
  std::uint64_t freeBytes = 0;  // what may still be written: the reserve and promises taken off
  std::uint32_t writers = 0;    // replicas being written there now
  bool inService = true;
};

// The volume with the most free bytes for each writer there would be with this one (QFS chooses so:
// a full disk and a busy one are both left alone). Among equals the first. nullopt when none in
// service has `neededBytes`.
std::optional<std::size_t> chooseVolume(std::span<const VolumeLoad> volumes,
                                        std::uint64_t neededBytes);

}  // namespace cairn::dn
