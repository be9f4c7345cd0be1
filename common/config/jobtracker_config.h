// What `cairn jobtracker` is told.
// Layer: config (std only).  A value, built once by main().
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/base/result.h"
#include "common/config/host_port.h"
#include "common/config/settings.h"
#include "common/config/shared_config.h"

namespace cairn::config {

struct JobTrackerConfig {
  HostPort address;
  std::optional<HostPort> httpAddress;  // nothing: no pages
  HostPort namenode;
  std::string directory;
  std::uint32_t heartbeatMs = 0;      // how often a tracker is asked for a sign of life
  std::uint32_t trackerExpiryMs = 0;  // silent for so long: lost
  std::uint32_t localityDelayMs = 0;
  std::uint32_t attemptsMax = 0;
  RpcConfig rpc;
  LogConfig log;

  static Result<JobTrackerConfig> from(const Settings& settings);
};

}  // namespace cairn::config
