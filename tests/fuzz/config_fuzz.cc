// A configuration file with any content. What is accepted makes each daemon's settings, or a
// message; nothing aborts.
#include <cstdint>
#include <string_view>

#include "common/config/client_config.h"
#include "common/config/datanode_config.h"
#include "common/config/jobtracker_config.h"
#include "common/config/load.h"
#include "common/config/namenode_config.h"
#include "common/config/tasktracker_config.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cairn::config;
  const std::string_view content(reinterpret_cast<const char*>(data), size);
  Settings settings({.home = "/u", .user = "u", .cores = 4});
  if (!applyToml(content, "cairn.toml", settings).has_value()) return 0;
  (void)NamenodeConfig::from(settings);
  (void)DatanodeConfig::from(settings);
  (void)ClientConfig::from(settings);
  (void)JobTrackerConfig::from(settings);
  (void)TaskTrackerConfig::from(settings);
  return 0;
}
