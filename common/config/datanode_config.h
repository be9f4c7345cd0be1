// What `cairn datanode` is told.
// Layer: config (std only).  A value, built once by main().
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/config/host_port.h"
#include "common/config/settings.h"
#include "common/config/shared_config.h"

namespace cairn::config {

struct DatanodeConfig {
  HostPort address;
  // Where others reach it; port 0: the one it listens on. Nothing: where it listens.
  std::optional<HostPort> advertised;
  std::optional<HostPort> httpAddress;  // nothing: no pages
  HostPort namenode;
  std::vector<std::string> directories;  // at least one; one volume each; no two the same
  // Unix socket for descriptor reads; "" = none. At most 107 bytes (sockaddr_un).
  std::string socketPath;
  unsigned threadsPerVolume = 1;
  std::uint64_t bufferBudgetBytes = 0;
  std::uint64_t reservedBytes = 0;  // of each volume, kept free for others
  std::int64_t keepRemovedMs = 0;   // 0: not at all
  std::int64_t scrubPeriodMs = 0;   // 0: off
  std::uint64_t scrubBytesPerSecondMax = 0;
  std::string rack;  // "/r1"; "" = the namenode's table decides
  bool fsync = true;
  RpcConfig rpc;
  LogConfig log;

  static Result<DatanodeConfig> from(const Settings& settings);
};

}  // namespace cairn::config
