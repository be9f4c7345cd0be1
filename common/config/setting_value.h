// One setting's value: from text, checked against its row of the table.
// Layer: config (std only).  Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/base/result.h"
#include "common/config/setting_table.h"

namespace cairn::config {

// TEXT and ADDRESS: string; BOOLEAN: bool; INTEGER, BYTES, MILLIS, FILE_MODE: int64;
// DECIMAL: double; TEXT_LIST: list.
using SettingValue =
    std::variant<std::string, bool, std::int64_t, double, std::vector<std::string>>;

// The value that `text` spells. INVALID_ARGUMENT: "<key> is '<text>'; it must be <allowed>".
Result<SettingValue> parseSetting(const SettingSpec& spec, std::string_view text);

// "a whole number from 1 to 512", "a size such as 64KiB from 1 KiB to 8 GiB", "'zstd' or 'none'"
// ...
std::string allowedValues(const SettingSpec& spec);

// Milliseconds of "3000", "500ms", "3s", "10m", "2h", "1d"; nothing when it is none of these.
std::optional<std::int64_t> parseMillis(std::string_view text);

}  // namespace cairn::config
