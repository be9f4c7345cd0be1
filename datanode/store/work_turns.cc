#include "datanode/store/work_turns.h"

namespace cairn::dn {

std::optional<Urgency> WorkTurns::next(const std::array<bool, URGENCY_COUNT>& waiting) {
  std::optional<std::size_t> chosen;
  for (std::size_t i = 0; i < URGENCY_COUNT; ++i) {
    // Whoever has waited long enough; of several the last, who waits longest for its next turn.
    if (waiting[i] && (!chosen || passedOver_[i] >= PASSED_OVER_MAX[i])) chosen = i;
  }
  if (!chosen) return std::nullopt;
  for (std::size_t i = 0; i < URGENCY_COUNT; ++i) {
    if (i == *chosen || !waiting[i]) {
      passedOver_[i] = 0;
    } else {
      ++passedOver_[i];
    }
  }
  return static_cast<Urgency>(*chosen);
}

}  // namespace cairn::dn
