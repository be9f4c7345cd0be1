#include "common/config/settings.h"

#include <cstdio>
#include <cstdlib>

#include "common/base/suggest.h"

namespace cairn::config {
namespace {

// A key that the program asks for and the table lacks: a bug that the program's first start shows.
[[noreturn]] void bug(std::string_view key, const char* what) {
  std::fprintf(stderr, "setting '%.*s' %s\n", static_cast<int>(key.size()), key.data(), what);
  std::abort();
}

std::string_view lastPart(std::string_view key) { return key.substr(key.rfind('.') + 1); }

std::unexpected<Status> unknown(std::string_view key, const std::string& origin) {
  std::vector<std::string_view> keys;
  std::string hint;
  for (const auto& spec : settingTable()) {
    keys.push_back(spec.key);
    // The right name in the wrong section, or in none.
    if (hint.empty() && lastPart(spec.key) == lastPart(key)) {
      hint = "; did you mean '" + std::string(spec.key) + "'?";
    }
  }
  if (const std::string near = didYouMean(key, keys); !near.empty()) hint = near;
  return fail(Code::INVALID_ARGUMENT,
              origin + ": there is no setting '" + std::string(key) + "'" + hint);
}

}  // namespace

Settings::Settings(Machine machine) : machine_(std::move(machine)) {
  for (const auto& spec : settingTable()) {
    auto value = parseSetting(spec, spec.defaultText);
    if (!value) bug(spec.key, "has a default that it does not allow");
    slots_.push_back({*std::move(value), "default"});
  }
}

Result<void> Settings::set(std::string_view key, std::string_view text, std::string origin) {
  const auto at = findSetting(key);
  if (!at) return unknown(key, origin);
  auto value = parseSetting(settingTable()[*at], text);
  if (!value) return fail(value.error().withContext(origin));
  slots_[*at] = {*std::move(value), std::move(origin)};
  return {};
}

Result<void> Settings::setList(std::string_view key, std::vector<std::string> texts,
                               std::string origin) {
  const auto at = findSetting(key);
  if (!at) return unknown(key, origin);
  const SettingSpec& spec = settingTable()[*at];
  if (spec.type != SettingType::TEXT_LIST) {
    return fail(Code::INVALID_ARGUMENT,
                origin + ": " + std::string(key) + " is a list; it must be " + allowedValues(spec));
  }
  slots_[*at] = {std::move(texts), std::move(origin)};
  return {};
}

const Settings::Slot& Settings::slotOf(std::string_view key) const {
  const auto at = findSetting(key);
  if (!at) bug(key, "is not in the table");
  if (reads_ != nullptr) reads_->emplace(key);
  return slots_[*at];
}

template <typename T>
const T& Settings::get(std::string_view key, SettingType type) const {
  const Slot& slot = slotOf(key);
  if (settingTable()[*findSetting(key)].type != type) bug(key, "is asked for as another type");
  return std::get<T>(slot.value);
}

const std::string& Settings::text(std::string_view key) const {
  const auto* value = std::get_if<std::string>(&slotOf(key).value);
  if (value == nullptr) bug(key, "is asked for as a text");
  return *value;
}

bool Settings::boolean(std::string_view key) const { return get<bool>(key, SettingType::BOOLEAN); }

std::int64_t Settings::integer(std::string_view key) const {
  return get<std::int64_t>(key, SettingType::INTEGER);
}

double Settings::decimal(std::string_view key) const {
  return get<double>(key, SettingType::DECIMAL);
}

std::uint64_t Settings::bytes(std::string_view key) const {
  return static_cast<std::uint64_t>(get<std::int64_t>(key, SettingType::BYTES));
}

std::int64_t Settings::millis(std::string_view key) const {
  return get<std::int64_t>(key, SettingType::MILLIS);
}

std::uint32_t Settings::fileMode(std::string_view key) const {
  return static_cast<std::uint32_t>(get<std::int64_t>(key, SettingType::FILE_MODE));
}

const std::vector<std::string>& Settings::list(std::string_view key) const {
  return get<std::vector<std::string>>(key, SettingType::TEXT_LIST);
}

Result<std::string> Settings::expand(std::string_view key, const std::string& path) const {
  if (!path.starts_with("~/")) return path;
  if (machine_.home.empty()) {
    return fail(Code::INVALID_ARGUMENT,
                blame(key) + "is '" + path + "', but there is no home directory; set another path");
  }
  return machine_.home + path.substr(1);
}

Result<std::string> Settings::path(std::string_view key) const { return expand(key, text(key)); }

Result<std::vector<std::string>> Settings::pathList(std::string_view key) const {
  std::vector<std::string> paths;
  for (const auto& path : list(key)) {
    ASSIGN(auto expanded, expand(key, path));
    paths.push_back(std::move(expanded));
  }
  return paths;
}

const std::string& Settings::originOf(std::string_view key) const { return slotOf(key).origin; }

std::string Settings::blame(std::string_view key) const {
  return originOf(key) + ": " + std::string(key) + " ";
}

}  // namespace cairn::config
