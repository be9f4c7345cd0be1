// Builds Settings from what a process is given. In rising order: defaults, one cairn.toml, the
// environment, flags.
// Layer: config.
//
// The file is the first of: --config, CAIRN_CONFIG, ~/.config/cairn/cairn.toml,
// /etc/cairn/cairn.toml. One that is named must exist; one that is found by its place need not.
// Files are not merged.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/config/flags.h"
#include "common/config/settings.h"

namespace cairn::config {

struct LoadInputs {
  std::optional<std::string> configFile;           // --config
  std::vector<SettingFlag> flags;                  // later ones win
  std::map<std::string, std::string> environment;  // the whole of it
  Machine machine;
  // The content of a file; nothing when it does not exist. Passed in for tests.
  std::function<Result<std::optional<std::string>>(const std::string& path)> readFile;

  // Environment, user and cores of this process, real files; no flags.
  static LoadInputs ofProcess();
};

// INVALID_ARGUMENT for anything that is not a known setting with an allowed value, wherever it
// stands; the message says where (file and line, variable, flag) and what would be right.
Result<Settings> load(const LoadInputs& inputs);

// The layers, one by one. `fileName` stands in messages.
Result<void> applyToml(std::string_view content, const std::string& fileName, Settings& to);
Result<void> applyEnvironment(const std::map<std::string, std::string>& environment, Settings& to);
Result<void> applyFlags(const std::vector<SettingFlag>& flags, Settings& to);

}  // namespace cairn::config
