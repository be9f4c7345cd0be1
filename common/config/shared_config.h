// The parts of the configuration that several daemons share.
// Layer: config (std only).  Values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/base/result.h"
#include "common/config/host_port.h"
#include "common/config/settings.h"

namespace cairn::config {

struct RpcConfig {
  std::uint64_t messageBytesMax = 0;
  std::uint64_t callBytesInFlightMax = 0;  // of one connection
  std::uint32_t connectionsMax = 0;        // of one server
  std::uint32_t handshakeMs = 0;

  static RpcConfig from(const Settings& settings);
};

struct LogConfig {
  std::string directory;  // "" = stderr
  std::string level;      // "info", "warning", "error"

  static Result<LogConfig> from(const Settings& settings);
};

// What new files get when their creator does not say.
struct FileDefaults {
  std::uint16_t replication = 0;
  std::uint64_t chunkSizeBytes = 0;  // plain
  std::uint32_t frameSizeBytes = 0;  // plain
  bool compress = true;              // fs.codec = "zstd"
  int zstdLevel = 0;
  std::uint16_t umask = 0;

  // INVALID_ARGUMENT also when the default chunk is below the smallest allowed one.
  static Result<FileDefaults> from(const Settings& settings);
};

// The address that a daemon binds, key `key`. INVALID_ARGUMENT for one that other machines can
// reach, unless security.allow_insecure_bind_beyond_loopback is set: nothing authenticates them.
Result<HostPort> bindAddress(const Settings& settings, std::string_view key);

// The address at which a daemon shows its pages, key `key`; nothing: it shows none. Errors as of
// bindAddress().
Result<std::optional<HostPort>> pagesAddress(const Settings& settings, std::string_view key);

// The address of a peer, key `key`; when that is empty, of `fallbackKey`.
Result<HostPort> peerAddress(const Settings& settings, std::string_view key,
                             std::string_view fallbackKey);

// A directory that must be given, "~/" resolved.
Result<std::string> directoryAt(const Settings& settings, std::string_view key);

// A rack, key `key`, or "".
Result<std::string> rackAt(const Settings& settings, std::string_view key);
// INVALID_ARGUMENT, its message beginning with `blame`, unless `rack` is a path such as "/rack1".
Result<void> checkRack(std::string_view rack, std::string_view blame, bool emptyAllowed);

}  // namespace cairn::config
