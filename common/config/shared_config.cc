#include "common/config/shared_config.h"

namespace cairn::config {

RpcConfig RpcConfig::from(const Settings& settings) {
  return {.messageBytesMax = settings.bytes("rpc.message_bytes_max"),
          .callBytesInFlightMax = settings.bytes("rpc.call_bytes_in_flight_max"),
          .connectionsMax = static_cast<std::uint32_t>(settings.integer("rpc.connections_max")),
          .handshakeMs = static_cast<std::uint32_t>(settings.millis("rpc.handshake_ms"))};
}

Result<LogConfig> LogConfig::from(const Settings& settings) {
  ASSIGN(auto directory, settings.path("log.dir"));
  return LogConfig{.directory = std::move(directory), .level = settings.text("log.level")};
}

Result<FileDefaults> FileDefaults::from(const Settings& settings) {
  FileDefaults files{.replication = static_cast<std::uint16_t>(settings.integer("fs.replication")),
                     .chunkSizeBytes = settings.bytes("fs.chunk_size"),
                     .frameSizeBytes = static_cast<std::uint32_t>(settings.bytes("fs.frame_size")),
                     .compress = settings.text("fs.codec") == "zstd",
                     .zstdLevel = static_cast<int>(settings.integer("fs.zstd_level")),
                     .umask = static_cast<std::uint16_t>(settings.fileMode("fs.umask"))};
  const std::uint64_t min = settings.bytes("fs.chunk_size_min");
  if (files.chunkSizeBytes < min) {
    return fail(Code::INVALID_ARGUMENT,
                settings.blame("fs.chunk_size") + "is " + std::to_string(files.chunkSizeBytes) +
                    " bytes, less than fs.chunk_size_min, which is " + std::to_string(min) + " (" +
                    settings.originOf("fs.chunk_size_min") + ")");
  }
  return files;
}

Result<HostPort> bindAddress(const Settings& settings, std::string_view key) {
  ASSIGN(auto address, HostPort::parse(settings.text(key)));
  constexpr std::string_view PERMIT = "security.allow_insecure_bind_beyond_loopback";
  const bool permitted = settings.boolean(PERMIT);
  if (!permitted && !address.isLoopback()) {
    return fail(Code::INVALID_ARGUMENT,
                settings.blame(key) + "is '" + address.toString() +
                    "', which other machines may reach, and nothing authenticates who connects; "
                    "use a loopback address such as 127.0.0.1, or set " +
                    std::string(PERMIT) + " = true if everybody who reaches it may do everything");
  }
  return address;
}

Result<std::optional<HostPort>> pagesAddress(const Settings& settings, std::string_view key) {
  if (settings.text(key).empty()) return std::nullopt;
  ASSIGN(auto address, bindAddress(settings, key));
  return address;
}

Result<HostPort> peerAddress(const Settings& settings, std::string_view key,
                             std::string_view fallbackKey) {
  const std::string& own = settings.text(key);
  return HostPort::parse(own.empty() ? settings.text(fallbackKey) : own);
}

Result<std::string> directoryAt(const Settings& settings, std::string_view key) {
  ASSIGN(auto directory, settings.path(key));
  if (directory.empty()) {
    return fail(Code::INVALID_ARGUMENT, settings.blame(key) + "is empty; it must be a directory");
  }
  return directory;
}

Result<std::string> rackAt(const Settings& settings, std::string_view key) {
  const std::string& rack = settings.text(key);
  TRY(checkRack(rack, settings.blame(key), true));
  return rack;
}

Result<void> checkRack(std::string_view rack, std::string_view blame, bool emptyAllowed) {
  if (rack.empty() && emptyAllowed) return {};
  if (rack.size() >= 2 && rack.front() == '/' && rack.back() != '/' &&
      rack.find("//") == std::string_view::npos) {
    return {};
  }
  return fail(Code::INVALID_ARGUMENT, std::string(blame) + "is '" + std::string(rack) +
                                          "'; a rack is a path such as /rack1 or /hall2/rack1");
}

}  // namespace cairn::config
