// Which rack a machine stands in, as the operator has written down.
// Layer: place (pure).
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cairn::nn {

// Host, or address with its port, and rack; the first that fits counts.
using RackTable = std::vector<std::pair<std::string, std::string>>;

inline constexpr std::string_view DEFAULT_RACK = "/default-rack";

// "10.0.0.7" of "10.0.0.7:8022"; the whole text without a port.
inline std::string_view hostOf(std::string_view address) {
  return address.substr(0, address.rfind(':'));
}

// "" when the table does not name it. `address`: "10.0.0.7:8022".
inline std::string_view rackInTable(const RackTable& table, std::string_view address) {
  for (const auto& [name, rack] : table) {
    if (name == address || name == hostOf(address)) return rack;
  }
  return {};
}

}  // namespace cairn::nn
