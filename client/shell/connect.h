// From the settings to a client of the cluster, with messages while the namenode does not answer.
// Layer: client/shell.
#pragma once

#include <optional>
#include <string>

#include "cairn/client.h"
#include "client/shell/console.h"
#include "client/shell/remote_path.h"
#include "common/base/result.h"
#include "common/config/client_config.h"
#include "common/config/settings.h"

namespace cairn::shell {

class Connection {
public:
  // Connects to nobody. INVALID_ARGUMENT: settings that cannot be right.
  // `settings` and `console` outlive it.
  static Result<Connection> prepare(const config::Settings& settings, Console& console);

  // Starts the library when first called; the first call on it connects.
  Result<Client*> client();
  const config::ClientConfig& config() const { return config_; }
  PathContext paths() const { return {config_.user, config_.namenode.toString()}; }

  // Permission bits of new files and directories, by the umask of the settings.
  std::uint16_t fileMode() const { return 0666 & ~config_.files.umask; }
  std::uint16_t directoryMode() const { return 0777 & ~config_.files.umask; }
  // What new files get: the user's settings where there are any, else the cluster's own.
  CreateOptions createOptions() const;

  // Whether the failure is the namenode's silence: no other call will fare better.
  bool isNamenodeLost(const Status& failure) const;
  // For isNamenodeLost(): what did not answer, and how to name another.
  std::string describeLost(const Status& failure) const;

private:
  Connection(const config::Settings& settings, Console& console, config::ClientConfig config);

  const config::Settings* settings_;
  Console* console_;
  config::ClientConfig config_;
  std::optional<Client> client_;
};

}  // namespace cairn::shell
