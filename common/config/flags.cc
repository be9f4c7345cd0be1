#include "common/config/flags.h"

#include "common/config/setting_table.h"

namespace cairn::config {
namespace {

bool isSettingFlag(std::string_view name) {
  return name.starts_with("--") && name.find('.') != std::string_view::npos;
}

}  // namespace

Result<TakenFlags> takeSettingFlags(const std::vector<std::string>& args) {
  TakenFlags taken;
  for (std::size_t i = 0; i < args.size(); ++i) {
    const std::string& arg = args[i];
    if (arg == "--") {
      taken.rest.insert(taken.rest.end(), args.begin() + static_cast<std::ptrdiff_t>(i),
                        args.end());
      break;
    }
    const auto equals = arg.find('=');
    const std::string name = arg.substr(0, equals);
    const bool isConfig = name == "--config";
    if (!isConfig && !isSettingFlag(name)) {
      taken.rest.push_back(arg);
      continue;
    }
    std::string value;
    const std::string key = name.substr(2);
    const auto at = findSetting(key);
    if (equals != std::string::npos) {
      value = arg.substr(equals + 1);
    } else if (at && settingTable()[*at].type == SettingType::BOOLEAN) {
      value = "true";
    } else if (!isConfig && !at) {
      // Unknown: load() says so; the argument after it may not belong to it.
    } else if (i + 1 < args.size()) {
      value = args[++i];
    } else {
      return fail(Code::INVALID_ARGUMENT, "flag " + name + " needs a value");
    }
    if (isConfig) {
      taken.configFile = value;
    } else {
      taken.flags.push_back({key, value, name});
    }
  }
  return taken;
}

}  // namespace cairn::config
