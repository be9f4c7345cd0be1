#include "common/config/namenode_config.h"

#include <algorithm>

namespace cairn::config {
namespace {

Result<std::vector<std::pair<std::string, std::string>>> parseRackTable(const Settings& settings) {
  constexpr std::string_view KEY = "namenode.rack_table";
  std::vector<std::pair<std::string, std::string>> table;
  for (const auto& entry : settings.list(KEY)) {
    const auto equals = entry.find('=');
    if (equals == std::string::npos || equals == 0) {
      return fail(Code::INVALID_ARGUMENT, settings.blame(KEY) + "has the entry '" + entry +
                                              "'; write it like 10.0.0.7=/rack1");
    }
    std::string rack = entry.substr(equals + 1);
    TRY(checkRack(rack, settings.blame(KEY) + "entry '" + entry + "': the rack ", false));
    table.emplace_back(entry.substr(0, equals), std::move(rack));
  }
  return table;
}

Result<void> contradiction(const Settings& settings, std::string_view shorter,
                           std::string_view longer, std::string_view mustBe) {
  return fail(Code::INVALID_ARGUMENT,
              settings.blame(longer) + "is " + std::to_string(settings.millis(longer)) +
                  " ms; it must be " + std::string(mustBe) + " " + std::string(shorter) +
                  ", which is " + std::to_string(settings.millis(shorter)) + " ms (" +
                  settings.originOf(shorter) + ")");
}

// INVALID_ARGUMENT unless the time at `shorter` is less than that at `longer`.
Result<void> checkOrder(const Settings& settings, std::string_view shorter,
                        std::string_view longer) {
  if (settings.millis(shorter) < settings.millis(longer)) return {};
  return contradiction(settings, shorter, longer, "more than");
}

// A hard limit below the soft one would close files that no other client could have closed yet.
Result<void> checkLeaseLimits(const Settings& settings) {
  constexpr std::string_view SOFT = "namenode.lease_soft_ms";
  constexpr std::string_view HARD = "namenode.lease_hard_ms";
  if (settings.millis(SOFT) <= settings.millis(HARD)) return {};
  return contradiction(settings, SOFT, HARD, "at least");
}

// How often the trash is emptied; 0 where there is none. INVALID_ARGUMENT when that is less often
// than what is in it gets old.
Result<std::int64_t> trashCheckpointMinutes(const Settings& settings) {
  constexpr std::string_view KEY = "fs.trash_checkpoint_interval_minutes";
  constexpr std::string_view KEPT = "fs.trash_interval_minutes";
  const std::int64_t every = settings.integer(KEY);
  const std::int64_t kept = settings.integer(KEPT);
  if (kept == 0 || every == 0) return kept;
  if (every <= kept) return every;
  return fail(Code::INVALID_ARGUMENT, settings.blame(KEY) + "is " + std::to_string(every) +
                                          "; it must be at most " + std::string(KEPT) +
                                          ", which is " + std::to_string(kept) + " (" +
                                          settings.originOf(KEPT) + ")");
}

// The loops share the cores with the namenode's own, its journal and RocksDB.
constexpr unsigned CORES_PER_LOOP = 4;
constexpr unsigned LOOPS_DEFAULT_MAX = 8;

unsigned countServingLoops(const Settings& settings) {
  auto threads = static_cast<unsigned>(settings.integer("namenode.rpc_threads"));
  if (threads == 0) {
    threads = std::min(settings.machine().cores / CORES_PER_LOOP, LOOPS_DEFAULT_MAX);
  }
  return threads > 1 ? threads : 0;
}

}  // namespace

Result<NamenodeConfig> NamenodeConfig::from(const Settings& settings) {
  NamenodeConfig config;
  config.clusterName = settings.text("cluster.name");
  ASSIGN(config.log, LogConfig::from(settings));
  ASSIGN(config.address, bindAddress(settings, "namenode.address"));
  ASSIGN(config.httpAddress, pagesAddress(settings, "namenode.http_address"));
  ASSIGN(config.directory, directoryAt(settings, "namenode.dir"));
  config.reservedBytes = settings.bytes("namenode.reserved");
  config.safemodeThreshold = settings.decimal("namenode.safemode_threshold");
  TRY(checkOrder(settings, "namenode.heartbeat_ms", "namenode.datanode_stale_ms"));
  TRY(checkOrder(settings, "namenode.datanode_stale_ms", "namenode.datanode_dead_ms"));
  config.heartbeatMs = static_cast<std::uint32_t>(settings.millis("namenode.heartbeat_ms"));
  config.datanodeStaleMs =
      static_cast<std::uint32_t>(settings.millis("namenode.datanode_stale_ms"));
  config.datanodeDeadMs = static_cast<std::uint32_t>(settings.millis("namenode.datanode_dead_ms"));
  TRY(checkLeaseLimits(settings));
  config.leaseSoftMs = static_cast<std::uint32_t>(settings.millis("namenode.lease_soft_ms"));
  config.leaseHardMs = static_cast<std::uint32_t>(settings.millis("namenode.lease_hard_ms"));
  config.accessTimePrecisionMs = settings.millis("namenode.access_time_precision_ms");
  constexpr std::int64_t MINUTE_MS = 60'000;
  config.trashIntervalMs = settings.integer("fs.trash_interval_minutes") * MINUTE_MS;
  ASSIGN(const auto checkpointMinutes, trashCheckpointMinutes(settings));
  config.trashCheckpointIntervalMs = checkpointMinutes * MINUTE_MS;
  config.supergroup = settings.text("namenode.supergroup");
  ASSIGN(config.rackTable, parseRackTable(settings));
  ASSIGN(config.rackScript, settings.path("namenode.rack_script"));
  config.audit = settings.text("namenode.audit_dir") != "none";
  if (config.audit) {
    ASSIGN(config.auditDirectory, settings.path("namenode.audit_dir"));
    if (config.auditDirectory.empty()) config.auditDirectory = config.log.directory;
  }
  config.servingLoops = countServingLoops(settings);
  config.blockCacheBytes = settings.bytes("namenode.block_cache");
  config.chunkSizeMinBytes = settings.bytes("fs.chunk_size_min");
  ASSIGN(config.files, FileDefaults::from(settings));
  config.rpc = RpcConfig::from(settings);
  return config;
}

}  // namespace cairn::config
