#include "common/config/jobtracker_config.h"

namespace cairn::config {

Result<JobTrackerConfig> JobTrackerConfig::from(const Settings& settings) {
  JobTrackerConfig config;
  ASSIGN(config.address, bindAddress(settings, "jobtracker.address"));
  ASSIGN(config.httpAddress, pagesAddress(settings, "jobtracker.http_address"));
  ASSIGN(config.namenode, peerAddress(settings, "jobtracker.namenode", "client.namenode"));
  ASSIGN(config.directory, directoryAt(settings, "jobtracker.dir"));
  config.heartbeatMs = static_cast<std::uint32_t>(settings.millis("jobtracker.heartbeat_ms"));
  config.trackerExpiryMs =
      static_cast<std::uint32_t>(settings.millis("jobtracker.tracker_expiry_ms"));
  if (config.trackerExpiryMs <= config.heartbeatMs) {
    return fail(Code::INVALID_ARGUMENT,
                settings.blame("jobtracker.tracker_expiry_ms") + "is " +
                    std::to_string(config.trackerExpiryMs) +
                    " ms; it must be more than jobtracker.heartbeat_ms, which is " +
                    std::to_string(config.heartbeatMs) + " ms (" +
                    settings.originOf("jobtracker.heartbeat_ms") + ")");
  }
  config.localityDelayMs =
      static_cast<std::uint32_t>(settings.millis("jobtracker.locality_delay_ms"));
  config.attemptsMax = static_cast<std::uint32_t>(settings.integer("jobtracker.attempts_max"));
  config.rpc = RpcConfig::from(settings);
  ASSIGN(config.log, LogConfig::from(settings));
  return config;
}

}  // namespace cairn::config
