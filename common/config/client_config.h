// What client commands and the client library are told.
// Layer: config (std only).  A value, built once.
#pragma once

#include <cstdint>
#include <string>

#include "common/base/result.h"
#include "common/config/host_port.h"
#include "common/config/settings.h"
#include "common/config/shared_config.h"

namespace cairn::config {

struct ClientConfig {
  HostPort namenode;
  HostPort jobtracker;
  std::string user;                   // the principal; never empty
  std::uint32_t retryBudgetMs = 0;    // of all pauses of one call; 0 = never retry
  bool shortCircuit = true;           // read local replicas by descriptor
  std::uint64_t frameCacheBytes = 0;  // decoded frames kept; 0: none
  unsigned workThreads = 1;           // for compression; at least 1
  std::int64_t trashIntervalMs = 0;   // 0: what is removed is gone
  FileDefaults files;
  std::uint64_t messageBytesMax = 0;

  static Result<ClientConfig> from(const Settings& settings);
};

}  // namespace cairn::config
