#include "common/config/tasktracker_config.h"

namespace cairn::config {

Result<TaskTrackerConfig> TaskTrackerConfig::from(const Settings& settings) {
  TaskTrackerConfig config;
  ASSIGN(config.address, bindAddress(settings, "tasktracker.address"));
  ASSIGN(config.httpAddress, pagesAddress(settings, "tasktracker.http_address"));
  ASSIGN(config.jobtracker, peerAddress(settings, "tasktracker.jobtracker", "client.jobtracker"));
  ASSIGN(config.namenode, peerAddress(settings, "tasktracker.namenode", "client.namenode"));
  ASSIGN(config.directory, directoryAt(settings, "tasktracker.dir"));
  const auto slots = static_cast<unsigned>(settings.integer("tasktracker.slots"));
  config.slots = slots == 0 ? settings.machine().cores : slots;
  config.taskMemoryBytesMax = settings.bytes("tasktracker.task_memory");
  config.taskTimeoutMs = static_cast<std::uint32_t>(settings.millis("tasktracker.task_timeout_ms"));
  config.taskUser = settings.text("tasktracker.task_user");
  config.datanode = settings.text("tasktracker.datanode");
  ASSIGN(config.rack, rackAt(settings, "tasktracker.rack"));
  config.rpc = RpcConfig::from(settings);
  ASSIGN(config.log, LogConfig::from(settings));
  return config;
}

}  // namespace cairn::config
