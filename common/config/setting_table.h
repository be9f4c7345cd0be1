// The table of settings: every key that Cairn knows, once.
// Layer: config (std only).  Constant data.
//
// Adding a setting: a row in setting_table.cc and a member of the struct of the daemon that reads
// it. A test fails for a row that no struct reads.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace cairn::config {

enum class SettingType : std::uint8_t {
  TEXT,
  BOOLEAN,  // true, false
  INTEGER,
  DECIMAL,
  BYTES,      // 4096, "64KiB", "1.5g"
  MILLIS,     // 3000, "3s", "10m", "500ms"
  FILE_MODE,  // "022", octal
  ADDRESS,    // "host:port"; "" where emptyAllowed, "none" where noneAllowed
  TEXT_LIST,  // ["a", "b"]; "a,b" in environment and flags
};

struct SettingSpec {
  std::string_view key;  // "namenode.heartbeat_ms"
  SettingType type;
  std::string_view defaultText;  // as in the environment; passes its own checks
  std::string_view help;         // sentences, first word capital, full stop
  // Allowed range, both ends included: of INTEGER, BYTES, MILLIS, FILE_MODE and (whole) DECIMAL.
  std::int64_t min = 0;
  std::int64_t max = INT64_MAX;
  // The allowed texts, "zstd|none"; empty = any.
  std::string_view choices = {};
  // "" is allowed for an ADDRESS, with the meaning that `help` gives.
  bool emptyAllowed = false;
  // "none" is allowed for an ADDRESS, and means the same as "".
  bool noneAllowed = false;
};

// In the order of the default file: grouped by section.
std::span<const SettingSpec> settingTable();
// Its position in the table.
std::optional<std::size_t> findSetting(std::string_view key);

// "CAIRN_NAMENODE_HEARTBEAT_MS" for "namenode.heartbeat_ms".
std::string environmentName(std::string_view key);

// Variables that stand for a setting under another name, in rising order: a later one wins over an
// earlier one of the same key, the long name over all.
struct EnvironmentAlias {
  std::string_view variable;
  std::string_view key;
};
std::span<const EnvironmentAlias> environmentAliases();

// CAIRN_* variables that are no settings. A name that ends in '_' is a prefix.
std::span<const std::string_view> otherVariables();

}  // namespace cairn::config
