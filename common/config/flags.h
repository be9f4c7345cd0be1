// Settings on the command line. Every key is a flag of every daemon and command:
//   --namenode.address=127.0.0.1:9000    --fs.replication 2    --datanode.fsync
// A key always has a dot, so these never collide with a command's own flags.
// Layer: config (std only).  Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"

namespace cairn::config {

struct SettingFlag {
  std::string key;  // "client.namenode"
  std::string value;
  std::string spelled;  // as the user typed it: "--namenode"; for messages
};

struct TakenFlags {
  std::optional<std::string> configFile;  // the last --config
  std::vector<SettingFlag> flags;
  std::vector<std::string> rest;  // everything else, in order
};

// Takes --config FILE and all setting flags out of `args`, up to "--" (which stays in `rest`). A
// flag without "=" takes the next argument as its value; one of a BOOLEAN setting stands for true.
// INVALID_ARGUMENT: an unknown key, or a value that is missing.
Result<TakenFlags> takeSettingFlags(const std::vector<std::string>& args);

}  // namespace cairn::config
