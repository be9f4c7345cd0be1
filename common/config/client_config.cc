#include "common/config/client_config.h"

#include <algorithm>

namespace cairn::config {
namespace {

// More cores than this hardly speed up one client, which the network or the disks hold back then.
constexpr unsigned WORK_THREADS_DEFAULT_MAX = 4;

}  // namespace

Result<ClientConfig> ClientConfig::from(const Settings& settings) {
  ClientConfig config;
  ASSIGN(config.namenode, HostPort::parse(settings.text("client.namenode")));
  ASSIGN(config.jobtracker, HostPort::parse(settings.text("client.jobtracker")));
  const std::string& user = settings.text("client.user");
  config.user = user.empty() ? settings.machine().user : user;
  config.retryBudgetMs = static_cast<std::uint32_t>(settings.millis("client.retry_budget_ms"));
  config.shortCircuit = settings.boolean("client.short_circuit");
  config.frameCacheBytes = settings.bytes("client.frame_cache");
  const auto threads = static_cast<unsigned>(settings.integer("client.work_threads"));
  config.workThreads =
      threads == 0 ? std::min(settings.machine().cores, WORK_THREADS_DEFAULT_MAX) : threads;
  constexpr std::int64_t MINUTE_MS = 60'000;
  config.trashIntervalMs = settings.integer("fs.trash_interval_minutes") * MINUTE_MS;
  ASSIGN(config.files, FileDefaults::from(settings));
  config.messageBytesMax = settings.bytes("rpc.message_bytes_max");
  return config;
}

}  // namespace cairn::config
