#include "common/config/default_file.h"

#include "common/config/setting_table.h"
#include "common/config/setting_value.h"

namespace cairn::config {
namespace {

constexpr std::size_t COLUMNS = 100;

// `text` as comment lines that break between words.
void comment(std::string& out, std::string_view text) {
  std::string line = "#";
  while (!text.empty()) {
    const auto space = text.find(' ');
    const std::string_view word = text.substr(0, space);
    if (line.size() + 1 + word.size() > COLUMNS) {
      out += line + "\n";
      line = "#";
    }
    line += ' ';
    line += word;
    text = space == std::string_view::npos ? std::string_view() : text.substr(space + 1);
  }
  out += line + "\n";
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

std::string asToml(const SettingSpec& spec) {
  switch (spec.type) {
    case SettingType::BOOLEAN:
    case SettingType::INTEGER:
    case SettingType::DECIMAL:
    case SettingType::MILLIS: return std::string(spec.defaultText);
    case SettingType::TEXT_LIST:
      return spec.defaultText.empty() ? "[]" : "[" + quoted(spec.defaultText) + "]";
    default: return quoted(spec.defaultText);
  }
}

}  // namespace

std::string defaultConfigFile() {
  std::string out;
  comment(out,
          "The settings of Cairn with their defaults. Remove the '#' before a setting to change "
          "it.");
  comment(out,
          "The environment wins over this file (CAIRN_FS_REPLICATION=2), flags win over both "
          "(--fs.replication=2).");
  std::string_view section;
  for (const auto& spec : settingTable()) {
    const auto dot = spec.key.find('.');
    if (spec.key.substr(0, dot) != section) {
      section = spec.key.substr(0, dot);
      out += "\n[" + std::string(section) + "]\n";
    } else {
      out += "\n";
    }
    comment(out, spec.help);
    if (spec.type != SettingType::TEXT || !spec.choices.empty()) {
      comment(out, "Allowed: " + allowedValues(spec) + ".");
    }
    out += "#" + std::string(spec.key.substr(dot + 1)) + " = " + asToml(spec) + "\n";
  }
  return out;
}

}  // namespace cairn::config
