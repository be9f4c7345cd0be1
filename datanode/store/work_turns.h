// Whose turn it is at a volume: how the work of a disk is ranked, and that no rank starves.
// Layer: datanode/store (pure).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace cairn::dn {

// In falling order.
enum class Urgency : std::uint8_t {
  CONTROL,     // what the node lives by: how full the disk is, who it belongs to. Short and few
  CLIENT,      // somebody writes or reads a file
  REPAIR,      // copies for and from other nodes, chunks whose writer died
  BACKGROUND,  // verification, removal, looking through what a crash left
};
inline constexpr std::size_t URGENCY_COUNT = 4;
// For metrics.
inline constexpr std::array<std::string_view, URGENCY_COUNT> URGENCY_NAMES{"control", "client",
                                                                           "repair", "background"};

// The most urgent goes first, but a rank that waits is passed over so many times at most.
class WorkTurns {
public:
  // Jobs take about as long, whatever their rank (a MiB or a few); so repair is left a ninth of a
  // busy disk, and the background a 33rd: 4 MB/s of 130, a verification of 4 TB in twelve days.
  static constexpr std::array<std::uint32_t, URGENCY_COUNT> PASSED_OVER_MAX{0, 4, 8, 32};

  // The next of those that have work waiting; nothing when none has.
  std::optional<Urgency> next(const std::array<bool, URGENCY_COUNT>& waiting);

private:
  std::array<std::uint32_t, URGENCY_COUNT> passedOver_{};
};

}  // namespace cairn::dn
