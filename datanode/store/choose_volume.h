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

// How many of the volume's free bytes are promised to a new replica of at most `lengthMax` bytes:
// all of those where there is plenty, so that what is begun can be finished; a 16th of what is
// free where there is not, but 16 MiB (limits::WRITE_WINDOW_BYTES: what its writer may have on the
// way) at least. Most replicas are far shorter than they might become: 150 writers of small files
// must not shut out the next one from a disk with 20 GB free.
std::uint64_t promiseFor(std::uint64_t freeBytes, std::uint64_t lengthMax);

}  // namespace cairn::dn
