// What `cairn tasktracker` is told.
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

struct TaskTrackerConfig {
  HostPort address;
  std::optional<HostPort> httpAddress;  // nothing: no pages
  HostPort jobtracker;
  HostPort namenode;
  std::string directory;
  unsigned slots = 1;                    // map tasks at a time, and as many reduce tasks
  std::uint64_t taskMemoryBytesMax = 0;  // address space of a task; 0 = unlimited
  std::uint32_t taskTimeoutMs = 0;       // without progress; 0 = never
  std::string taskUser;                  // "" = the tracker's own
  std::string datanode;  // address of the datanode beside it, as registered; "" = none
  std::string rack;
  RpcConfig rpc;
  LogConfig log;

  static Result<TaskTrackerConfig> from(const Settings& settings);
};

}  // namespace cairn::config
