// The short flags that every command takes, as the settings they stand for:
//   --namenode HOST:PORT    client.namenode
//   --jobtracker HOST:PORT  client.jobtracker
//   --user NAME             client.user
//   --no-short-circuit      client.short_circuit = false
// Layer: client/cairn.  Pure.
#pragma once

#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/config/flags.h"

namespace cairn::app {

struct OwnFlags {
  std::vector<config::SettingFlag> flags;
  std::vector<std::string> rest;  // everything else, in order
};

// Up to "--", which stays in `rest` like all behind it. INVALID_ARGUMENT: a value is missing.
Result<OwnFlags> takeOwnFlags(std::vector<std::string> args);

}  // namespace cairn::app
