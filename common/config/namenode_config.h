// What `cairn namenode` is told.
// Layer: config (std only).  A value, built once by main().
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/result.h"
#include "common/config/host_port.h"
#include "common/config/settings.h"
#include "common/config/shared_config.h"

namespace cairn::config {

struct NamenodeConfig {
  std::string clusterName;
  HostPort address;
  std::optional<HostPort> httpAddress;  // nothing: no pages
  std::string directory;
  std::uint64_t reservedBytes = 0;  // with less free space no change is taken; 0: no limit
  double safemodeThreshold = 0;     // share of the chunks, 0..1
  std::uint32_t heartbeatMs = 0;    // what datanodes are told
  std::uint32_t datanodeStaleMs = 0;
  std::uint32_t datanodeDeadMs = 0;
  std::uint32_t leaseSoftMs = 0;
  std::uint32_t leaseHardMs = 0;               // not below leaseSoftMs
  std::int64_t accessTimePrecisionMs = 0;      // 0: reading does not move times of access
  std::int64_t trashIntervalMs = 0;            // 0: there is no trash
  std::int64_t trashCheckpointIntervalMs = 0;  // at most the former; 0: there is no trash
  std::string supergroup;
  // Host (or address) of a datanode and its rack "/r1", in the order given.
  std::vector<std::pair<std::string, std::string>> rackTable;
  // The program that tells the rack of a host which the table does not name; "": there is none.
  std::string rackScript;
  bool audit = false;
  std::string auditDirectory;  // "": the directory audit in the namenode's
  // Event loops for clients' connections besides the namenode's own; 0 or more than 1.
  unsigned servingLoops = 0;
  std::uint64_t blockCacheBytes = 0;
  std::uint64_t chunkSizeMinBytes = 0;
  FileDefaults files;
  RpcConfig rpc;
  LogConfig log;

  // INVALID_ARGUMENT as in load.h; also when the times contradict each other
  // (heartbeat < stale < dead, lease_soft <= lease_hard, trash_checkpoint_interval <=
  // trash_interval).
  static Result<NamenodeConfig> from(const Settings& settings);
};

}  // namespace cairn::config
