// The environment as a layer of settings.
#include <algorithm>

#include "common/base/suggest.h"
#include "common/config/load.h"
#include "common/config/setting_table.h"

namespace cairn::config {
namespace {

constexpr std::string_view PREFIX = "CAIRN_";

bool isKnown(std::string_view variable) {
  const bool isAlias = std::ranges::any_of(
      environmentAliases(), [&](const auto& alias) { return alias.variable == variable; });
  return isAlias || std::ranges::any_of(otherVariables(), [&](std::string_view other) {
           return other.ends_with('_') ? variable.starts_with(other) : variable == other;
         });
}

std::unexpected<Status> unknown(const std::string& variable) {
  std::vector<std::string> names;
  for (const auto& alias : environmentAliases()) names.emplace_back(alias.variable);
  for (const auto other : otherVariables()) names.emplace_back(other);
  for (const auto& spec : settingTable()) names.push_back(environmentName(spec.key));
  const std::vector<std::string_view> candidates(names.begin(), names.end());
  return fail(Code::INVALID_ARGUMENT,
              "environment: there is no variable " + variable + didYouMean(variable, candidates));
}

}  // namespace

Result<void> applyEnvironment(const std::map<std::string, std::string>& environment, Settings& to) {
  // An empty variable counts as not set: `CAIRN_NAMENODE= cairn ls` is how a shell unsets one.
  const auto apply = [&](const std::string& variable, std::string_view key) -> Result<void> {
    const auto found = environment.find(variable);
    if (found == environment.end() || found->second.empty()) return {};
    return to.set(key, found->second, "environment " + variable);
  };
  for (const auto& alias : environmentAliases()) {
    TRY(apply(std::string(alias.variable), alias.key));
  }
  std::vector<std::string> settings;
  for (const auto& spec : settingTable()) {
    settings.push_back(environmentName(spec.key));
    TRY(apply(settings.back(), spec.key));
  }
  for (auto it = environment.lower_bound(std::string(PREFIX));
       it != environment.end() && it->first.starts_with(PREFIX); ++it) {
    const std::string& variable = it->first;
    if (!isKnown(variable) && std::ranges::find(settings, variable) == settings.end()) {
      return unknown(variable);
    }
  }
  return {};
}

}  // namespace cairn::config
