#include "common/base/trash_checkpoint.h"

#include <array>
#include <charconv>
#include <ctime>

namespace cairn {

std::string trashCheckpointName(std::int64_t nowMs, int taken) {
  const auto seconds = static_cast<std::time_t>(nowMs / 1000);
  std::tm parts{};
  ::localtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  std::string name(text.data(), std::strftime(text.data(), text.size(), "%y%m%d%H%M%S", &parts));
  return taken == 0 ? name : name + "-" + std::to_string(taken);
}

std::optional<std::int64_t> trashCheckpointTime(std::string_view name) {
  constexpr std::size_t FIELDS = 6;
  name = name.substr(0, name.find('-'));
  if (name.size() != 2 * FIELDS && name.size() != 2 * (FIELDS - 1)) return std::nullopt;
  std::array<int, FIELDS> fields{};
  for (std::size_t i = 0; 2 * i < name.size(); ++i) {
    const auto* const begin = name.data() + 2 * i;
    const auto [end, error] = std::from_chars(begin, begin + 2, fields[i]);
    if (error != std::errc() || end != begin + 2 || *begin == '-') return std::nullopt;
  }
  std::tm parts{};
  parts.tm_year = 100 + fields[0];
  parts.tm_mon = fields[1] - 1;
  parts.tm_mday = fields[2];
  parts.tm_hour = fields[3];
  parts.tm_min = fields[4];
  parts.tm_sec = fields[5];
  parts.tm_isdst = -1;
  return static_cast<std::int64_t>(std::mktime(&parts)) * 1000;
}

bool isOldTrashCheckpoint(std::string_view name, std::int64_t nowMs, std::int64_t intervalMs) {
  const auto madeMs = trashCheckpointTime(name);
  return madeMs.has_value() && *madeMs < nowMs - intervalMs;
}

}  // namespace cairn
