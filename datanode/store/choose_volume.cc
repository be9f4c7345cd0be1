#include "datanode/store/choose_volume.h"

#include <algorithm>

#include "common/base/limits.h"

namespace cairn::dn {

std::optional<std::size_t> chooseVolume(std::span<const VolumeLoad> volumes,
                                        std::uint64_t neededBytes) {
  std::optional<std::size_t> best;
  std::uint64_t bestScore = 0;
  for (std::size_t i = 0; i < volumes.size(); ++i) {
    const auto& volume = volumes[i];
    if (!volume.inService || volume.freeBytes < neededBytes) continue;
    const std::uint64_t score = volume.freeBytes / (std::uint64_t{volume.writers} + 1);
    if (best && score <= bestScore) continue;
    best = i;
    bestScore = score;
  }
  return best;
}

std::uint64_t promiseFor(std::uint64_t freeBytes, std::uint64_t lengthMax) {
  constexpr std::uint64_t SHARES = 16;
  return std::min(lengthMax, std::max(freeBytes / SHARES, limits::WRITE_WINDOW_BYTES));
}

}  // namespace cairn::dn
