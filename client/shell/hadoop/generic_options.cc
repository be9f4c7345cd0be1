#include "client/shell/hadoop/generic_options.h"

#include <array>
#include <cstdio>
#include <utility>

#include "client/shell/mode_change.h"

namespace cairn::shell::hadoop {
namespace {

constexpr std::string_view DEFAULT_FS = "fs.defaultFS";
constexpr std::string_view UMASK = "fs.permissions.umask-mode";
constexpr std::array<std::pair<std::string_view, std::string_view>, 6> PROPERTIES = {
    {{"dfs.replication", "fs.replication"},
     {"dfs.blocksize", "fs.chunk_size"},
     {"dfs.block.size", "fs.chunk_size"},  // its name in old scripts
     {"fs.trash.interval", "fs.trash_interval_minutes"},
     {UMASK, "fs.umask"},
     {DEFAULT_FS, "client.namenode"}}};
constexpr std::string_view HDFS_PORT = ":8020";

// "host:port" of "hdfs://host[:port][/]", or of "host[:port]" as old scripts have it.
Result<std::string> addressOf(std::string_view uri) {
  constexpr std::string_view SCHEME = "hdfs://";
  constexpr std::string_view LOCAL = "local";
  if (uri.starts_with(SCHEME)) {
    uri.remove_prefix(SCHEME.size());
  } else if (uri.empty() || uri == LOCAL || uri.find('/') != std::string_view::npos) {
    return fail(Code::INVALID_ARGUMENT, "No FileSystem for \"" + std::string(uri) + "\"");
  }
  uri = uri.substr(0, uri.find('/'));
  std::string address(uri);
  if (uri.find(':') == std::string_view::npos) address += HDFS_PORT;
  return address;
}

// An octal umask of one that tells the rights to leave: "u=rwx,g=rx,o=". All else as it is.
std::string umaskOf(std::string_view value) {
  const bool symbolic = value.find_first_of("+-=") != std::string_view::npos;
  const auto rights = ModeChange::parse(value, true);
  if (!symbolic || !rights.has_value()) return std::string(value);
  std::array<char, 8> octal{};
  std::snprintf(octal.data(), octal.size(), "%03o",
                0777U & ~static_cast<unsigned>(rights->apply(0, true)));
  return octal.data();
}

Result<void> apply(std::string_view property, std::string_view value, const std::string& origin,
                   config::Settings& settings) {
  for (const auto& [hadoop, ours] : PROPERTIES) {
    if (property != hadoop) continue;
    if (hadoop == UMASK) return settings.set(ours, umaskOf(value), origin);
    if (hadoop != DEFAULT_FS) return settings.set(ours, value, origin);
    ASSIGN(const auto address, addressOf(value));
    return settings.set(ours, address, origin);
  }
  return {};
}

}  // namespace

Result<std::vector<std::string>> takeGenericOptions(std::span<const std::string> words,
                                                    config::Settings& settings) {
  std::size_t at = 0;
  while (at < words.size()) {
    const std::string& word = words[at];
    std::string text;
    if (word == "-D" && at + 1 < words.size()) {
      text = words[at + 1];
      at += 2;
    } else if (word.starts_with("-D") && word.size() > 2) {
      text = word.substr(2);
      ++at;
    } else if (word == "-fs" && at + 1 < words.size()) {
      text = std::string(DEFAULT_FS) + "=" + words[at + 1];
      at += 2;
    } else {
      break;
    }
    const auto equals = text.find('=');
    if (equals == std::string::npos) continue;
    std::string origin = word;
    origin += " " + text;
    TRY(apply(text.substr(0, equals), text.substr(equals + 1), origin, settings));
  }
  return std::vector<std::string>(words.begin() + static_cast<long>(at), words.end());
}

}  // namespace cairn::shell::hadoop
