#include "client/library/settings.h"

#include <algorithm>
#include <utility>

#include "client/library/machine_id.h"
#include "common/config/client_config.h"
#include "common/config/load.h"

namespace cairn::library {

Settings settingsOf(config::ClientConfig config) {
  Settings settings;
  settings.workThreads = config.workThreads;
  settings.options.namenode = config.namenode.toString();
  settings.options.user = std::move(config.user);
  settings.options.shortCircuit = config.shortCircuit;
  settings.options.frameCacheBytes = config.frameCacheBytes;
  settings.options.retry.budgetMs = config.retryBudgetMs;
  // For placing and choosing replicas, too.
  settings.options.machine = machineId();
  return settings;
}

Result<Settings> settle(ClientOptions given) {
  auto inputs = config::LoadInputs::ofProcess();
  if (!given.configFile.empty()) inputs.configFile = given.configFile;
  ASSIGN(auto loaded, config::load(inputs));
  ASSIGN(auto config, config::ClientConfig::from(loaded));
  if (!given.namenode.empty()) {
    ASSIGN(config.namenode, config::HostPort::parse(given.namenode));
  }
  if (!given.user.empty()) config.user = std::move(given.user);
  if (given.retryBudgetMs >= 0) {
    config.retryBudgetMs =
        static_cast<std::uint32_t>(std::min<std::int64_t>(given.retryBudgetMs, UINT32_MAX));
  }
  if (given.frameCacheBytes >= 0) {
    config.frameCacheBytes = static_cast<std::uint64_t>(given.frameCacheBytes);
  }
  if (!given.shortCircuit) config.shortCircuit = false;
  if (given.workThreads > 0) config.workThreads = given.workThreads;
  auto settings = settingsOf(std::move(config));
  settings.options.onRetry = std::move(given.onRetry);
  return settings;
}

}  // namespace cairn::library
