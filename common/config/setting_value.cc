#include "common/config/setting_value.h"

#include <array>
#include <charconv>
#include <utility>

#include "common/base/units.h"
#include "common/config/host_port.h"

namespace cairn::config {
namespace {

// Above this a bound is only there to keep numbers representable, and not worth telling.
constexpr std::int64_t UNBOUNDED = std::int64_t{1} << 60;

template <typename T>
std::optional<T> parseNumber(std::string_view text, int base = 10) {
  T value{};
  const char* end = text.data() + text.size();
  std::from_chars_result result{};
  if constexpr (std::is_floating_point_v<T>) {
    result = std::from_chars(text.data(), end, value);
  } else {
    result = std::from_chars(text.data(), end, value, base);
  }
  if (text.empty() || result.ec != std::errc() || result.ptr != end) return std::nullopt;
  return value;
}

// `value` in the largest of the units that leaves no rest: "1KiB", "10m".
template <std::size_t N>
std::string inUnits(std::int64_t value,
                    const std::array<std::pair<std::int64_t, const char*>, N>& units) {
  for (const auto& [size, name] : units) {
    if (value != 0 && value % size == 0) return std::to_string(value / size) + name;
  }
  return std::to_string(value);
}

constexpr std::array<std::pair<std::int64_t, const char*>, 4> SIZE_UNITS{
    {{std::int64_t{1} << 40, "TiB"},
     {std::int64_t{1} << 30, "GiB"},
     {std::int64_t{1} << 20, "MiB"},
     {std::int64_t{1} << 10, "KiB"}}};
constexpr std::array<std::pair<std::int64_t, const char*>, 5> TIME_UNITS{
    {{86'400'000, "d"}, {3'600'000, "h"}, {60'000, "m"}, {1000, "s"}, {1, "ms"}}};

std::string octal(std::int64_t value) {
  std::array<char, 24> text;
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value, 8);
  return {text.data(), end};
}

std::string range(const SettingSpec& spec, std::string_view what,
                  std::string (*show)(std::int64_t)) {
  std::string text(what);
  if (spec.max >= UNBOUNDED) {
    return spec.min == 0 ? text : text + " of at least " + show(spec.min);
  }
  return text + " from " + show(spec.min) + " to " + show(spec.max);
}

bool isChoice(const SettingSpec& spec, std::string_view text) {
  if (spec.choices.empty()) return true;
  for (std::string_view rest = spec.choices;;) {
    const auto bar = rest.find('|');
    if (rest.substr(0, bar) == text) return true;
    if (bar == std::string_view::npos) return false;
    rest = rest.substr(bar + 1);
  }
}

std::vector<std::string> splitList(std::string_view text) {
  std::vector<std::string> items;
  while (!text.empty()) {
    const auto comma = text.find(',');
    std::string_view item = text.substr(0, comma);
    while (item.starts_with(' ')) item.remove_prefix(1);
    while (item.ends_with(' ')) item.remove_suffix(1);
    if (!item.empty()) items.emplace_back(item);
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
  }
  return items;
}

// The value, or nothing when `text` is not one of the allowed ones.
std::optional<SettingValue> valueOf(const SettingSpec& spec, std::string_view text) {
  const auto within = [&](std::optional<std::int64_t> number) -> std::optional<SettingValue> {
    if (!number || *number < spec.min || *number > spec.max) return std::nullopt;
    return *number;
  };
  switch (spec.type) {
    case SettingType::TEXT:
      if (!isChoice(spec, text)) return std::nullopt;
      return std::string(text);
    case SettingType::BOOLEAN:
      if (text != "true" && text != "false") return std::nullopt;
      return text == "true";
    case SettingType::INTEGER: return within(parseNumber<std::int64_t>(text));
    case SettingType::DECIMAL: {
      const auto number = parseNumber<double>(text);
      if (!number || !(*number >= static_cast<double>(spec.min)) ||
          !(*number <= static_cast<double>(spec.max))) {
        return std::nullopt;
      }
      return *number;
    }
    case SettingType::BYTES: {
      const auto bytes = parseByteSize(text);
      if (!bytes || *bytes > static_cast<std::uint64_t>(INT64_MAX)) return std::nullopt;
      return within(static_cast<std::int64_t>(*bytes));
    }
    case SettingType::MILLIS: return within(parseMillis(text));
    case SettingType::FILE_MODE: return within(parseNumber<std::int64_t>(text, 8));
    case SettingType::ADDRESS:
      if (text.empty() && spec.emptyAllowed) return std::string();
      if (text == "none" && spec.noneAllowed) return std::string();
      if (!HostPort::parse(text)) return std::nullopt;
      return std::string(text);
    case SettingType::TEXT_LIST: return splitList(text);
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::int64_t> parseMillis(std::string_view text) {
  const auto digits = text.find_first_not_of("0123456789");
  const auto number = parseNumber<std::int64_t>(text.substr(0, digits));
  if (!number || digits == std::string_view::npos) return number;
  const std::string_view unit = text.substr(digits);
  for (const auto& [size, name] : TIME_UNITS) {
    if (unit != name) continue;
    if (*number > INT64_MAX / size) return std::nullopt;
    return *number * size;
  }
  return std::nullopt;
}

std::string allowedValues(const SettingSpec& spec) {
  switch (spec.type) {
    case SettingType::TEXT: {
      if (spec.choices.empty()) return "a text";
      std::string text = "'";
      for (const char c : spec.choices) text += c == '|' ? "' or '" : std::string(1, c);
      return text + "'";
    }
    case SettingType::BOOLEAN: return "true or false";
    case SettingType::INTEGER:
      return range(spec, "a whole number", [](std::int64_t n) { return std::to_string(n); });
    case SettingType::DECIMAL:
      return range(spec, "a number", [](std::int64_t n) { return std::to_string(n); });
    case SettingType::BYTES:
      return range(spec, "a size such as 64KiB",
                   [](std::int64_t n) { return inUnits(n, SIZE_UNITS); });
    case SettingType::MILLIS:
      return range(spec, "a time such as 3000 (milliseconds), 3s or 10m",
                   [](std::int64_t n) { return inUnits(n, TIME_UNITS); });
    case SettingType::FILE_MODE: return range(spec, "octal permission bits such as 022", &octal);
    case SettingType::ADDRESS:
      return std::string("host:port such as 127.0.0.1:8020") + (spec.noneAllowed    ? ", or none"
                                                                : spec.emptyAllowed ? ", or empty"
                                                                                    : "");
    case SettingType::TEXT_LIST: return "a list of texts";
  }
  return "";
}

Result<SettingValue> parseSetting(const SettingSpec& spec, std::string_view text) {
  auto value = valueOf(spec, text);
  if (!value) {
    return fail(Code::INVALID_ARGUMENT, std::string(spec.key) + " is '" + std::string(text) +
                                            "'; it must be " + allowedValues(spec));
  }
  return *std::move(value);
}

}  // namespace cairn::config
