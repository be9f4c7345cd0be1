// Where the library's settings come from.
// Layer: client/library.
#pragma once

#include "cairn/options.h"
#include "client/core/options.h"
#include "common/base/result.h"
#include "common/config/client_config.h"

namespace cairn::library {

struct Settings {
  client::Options options;
  unsigned workThreads = 0;  // 0: by the number of cores
};

// What the configuration says.
Settings settingsOf(config::ClientConfig config);

// The caller's choices, else the environment, else the configuration file, else defaults.
Result<Settings> settle(ClientOptions given);

}  // namespace cairn::library
