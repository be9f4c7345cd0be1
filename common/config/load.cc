#include "common/config/load.h"

#include <pwd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <thread>

#include "common/config/read_file.h"

namespace cairn::config {
namespace {

Result<std::optional<std::string>> readRealFile(const std::string& path) {
  auto content = readSmallFile(path, "configuration file " + path);
  if (content.has_value()) return *std::move(content);
  const auto code = content.error().code();
  if (code == Code::NOT_FOUND || code == Code::NOT_A_DIRECTORY) return std::nullopt;
  return std::unexpected(std::move(content).error());
}

// The file to read, if any, and who names it ("" = found by its place).
struct Choice {
  std::vector<std::string> places;
  std::string namedBy;
};

Choice choose(const LoadInputs& inputs) {
  if (inputs.configFile) return {{*inputs.configFile}, "--config"};
  const auto variable = inputs.environment.find("CAIRN_CONFIG");
  if (variable != inputs.environment.end() && !variable->second.empty()) {
    return {{variable->second}, "CAIRN_CONFIG"};
  }
  Choice choice;
  if (!inputs.machine.home.empty()) {
    choice.places.push_back(inputs.machine.home + "/.config/cairn/cairn.toml");
  }
  choice.places.emplace_back("/etc/cairn/cairn.toml");
  return choice;
}

}  // namespace

LoadInputs LoadInputs::ofProcess() {
  LoadInputs inputs;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const auto equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    inputs.environment.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  const uid_t uid = ::geteuid();
  passwd entry{};
  passwd* found = nullptr;
  std::array<char, 16384> buffer;
  ::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found);
  inputs.machine.user = found != nullptr ? found->pw_name : std::to_string(uid);
  if (const auto home = inputs.environment.find("HOME"); home != inputs.environment.end()) {
    inputs.machine.home = home->second;
  } else if (found != nullptr) {
    inputs.machine.home = found->pw_dir;
  }
  inputs.machine.cores = std::max(1u, std::thread::hardware_concurrency());
  inputs.readFile = &readRealFile;
  return inputs;
}

Result<void> applyFlags(const std::vector<SettingFlag>& flags, Settings& to) {
  for (const auto& flag : flags) TRY(to.set(flag.key, flag.value, "flag " + flag.spelled));
  return {};
}

Result<Settings> load(const LoadInputs& inputs) {
  Settings settings(inputs.machine);
  const Choice choice = choose(inputs);
  for (const auto& path : choice.places) {
    ASSIGN(const auto content, inputs.readFile(path));
    if (content) {
      TRY(applyToml(*content, path, settings));
      break;
    }
    if (!choice.namedBy.empty()) {
      return fail(Code::NOT_FOUND,
                  "configuration file " + path + " does not exist (" + choice.namedBy + ")");
    }
  }
  TRY(applyEnvironment(inputs.environment, settings));
  TRY(applyFlags(inputs.flags, settings));
  return settings;
}

}  // namespace cairn::config
