#include "common/config/datanode_config.h"

#include <sys/un.h>

#include <set>

namespace cairn::config {
namespace {

// What fits into sockaddr_un with its closing zero.
constexpr std::size_t SOCKET_PATH_BYTES_MAX = sizeof(sockaddr_un::sun_path) - 1;

Result<std::string> parseSocketPath(const Settings& settings,
                                    const std::vector<std::string>& directories) {
  constexpr std::string_view KEY = "datanode.socket";
  ASSIGN(std::string path, settings.path(KEY));
  if (path == "none") return "";
  if (path.empty()) path = directories.front() + "/datanode.sock";
  if (path.size() > SOCKET_PATH_BYTES_MAX) {
    return fail(Code::INVALID_ARGUMENT,
                settings.blame(KEY) + "is '" + path + "', longer than the " +
                    std::to_string(SOCKET_PATH_BYTES_MAX) +
                    " bytes that a Unix socket's path may have; set it to a shorter path, or to "
                    "\"none\"");
  }
  return path;
}

Result<std::optional<HostPort>> parseAdvertised(const Settings& settings, const HostPort& listen) {
  constexpr std::string_view KEY = "datanode.advertise_address";
  const std::string& text = settings.text(KEY);
  if (text.empty()) {
    if (!listen.isWildcard()) return std::nullopt;
    return fail(Code::INVALID_ARGUMENT,
                settings.blame("datanode.address") + "is '" + listen.toString() +
                    "', where nobody can be told to connect to; set " + std::string(KEY) +
                    " to the name or address by which other machines reach this one");
  }
  auto address = HostPort::parse(text);
  if (!address.has_value()) address = HostPort::parse(text + ":0");
  if (!address.has_value() || address->isWildcard()) {
    return fail(Code::INVALID_ARGUMENT, settings.blame(KEY) + "is '" + text +
                                            "'; it must be a host, or host:port, to which others "
                                            "can connect, such as dn1.example.org");
  }
  return *address;
}

}  // namespace

Result<DatanodeConfig> DatanodeConfig::from(const Settings& settings) {
  DatanodeConfig config;
  ASSIGN(config.address, bindAddress(settings, "datanode.address"));
  ASSIGN(config.advertised, parseAdvertised(settings, config.address));
  ASSIGN(config.httpAddress, pagesAddress(settings, "datanode.http_address"));
  ASSIGN(config.namenode, peerAddress(settings, "datanode.namenode", "client.namenode"));
  ASSIGN(config.directories, settings.pathList("datanode.dirs"));
  if (config.directories.empty()) {
    return fail(Code::INVALID_ARGUMENT,
                settings.blame("datanode.dirs") + "is empty; it must name a directory at least");
  }
  std::set<std::string> seen;
  for (const auto& directory : config.directories) {
    if (directory.empty() || !seen.insert(directory).second) {
      return fail(Code::INVALID_ARGUMENT,
                  settings.blame("datanode.dirs") + "names '" + directory +
                      (directory.empty() ? "', which is no directory" : "' twice"));
    }
  }
  ASSIGN(config.socketPath, parseSocketPath(settings, config.directories));
  config.threadsPerVolume = static_cast<unsigned>(settings.integer("datanode.threads_per_volume"));
  config.bufferBudgetBytes = settings.bytes("datanode.buffer_budget");
  config.reservedBytes = settings.bytes("datanode.reserved");
  config.keepRemovedMs = settings.millis("datanode.keep_removed_ms");
  config.scrubPeriodMs = settings.millis("datanode.scrub_period_ms");
  config.scrubBytesPerSecondMax = settings.bytes("datanode.scrub_bytes_per_second_max");
  ASSIGN(config.rack, rackAt(settings, "datanode.rack"));
  config.fsync = settings.boolean("datanode.fsync");
  config.rpc = RpcConfig::from(settings);
  ASSIGN(config.log, LogConfig::from(settings));
  return config;
}

}  // namespace cairn::config
