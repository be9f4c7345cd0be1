#include "client/cairn/mini_options.h"

#include <charconv>
#include <string_view>
#include <utility>

namespace cairn::app {
namespace {

Result<std::uint32_t> number(const std::string& flag, const std::string& text, std::uint32_t min,
                             std::uint32_t max) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < min || value > max) {
    return fail(Code::INVALID_ARGUMENT, "flag " + flag + ": '" + text + "' is not a number from " +
                                            std::to_string(min) + " to " + std::to_string(max));
  }
  return value;
}

}  // namespace

Result<MiniOptions> MiniOptions::parse(const std::vector<std::string>& args) {
  MiniOptions options;
  for (std::size_t i = 0; i < args.size(); ++i) {
    const auto equals = args[i].find('=');
    const auto flag = args[i].substr(0, equals);
    const bool known = flag == "--dir" || flag == "--datanodes" || flag == "--namenode-port" ||
                       flag == "--ports" || flag == "--stop-datanode";
    if (!known) {
      return fail(Code::INVALID_ARGUMENT,
                  "mini: unknown argument '" + args[i] + "' (see 'cairn mini --help')");
    }
    std::string value;
    if (equals != std::string::npos) {
      value = args[i].substr(equals + 1);
    } else if (i + 1 < args.size()) {
      value = args[++i];
    } else {
      return fail(Code::INVALID_ARGUMENT, "flag " + flag + " needs a value");
    }
    if (flag == "--dir") {
      if (value.empty()) return fail(Code::INVALID_ARGUMENT, "flag --dir needs a directory");
      options.directory = value;
    } else if (flag == "--ports") {
      if (value != "auto") {
        return fail(Code::INVALID_ARGUMENT, "flag --ports: only 'auto' is allowed, not '" + value +
                                                "'; --namenode-port chooses one");
      }
      options.anyPorts = true;
    } else if (flag == "--datanodes") {
      ASSIGN(options.datanodes, number(flag, value, 1, DATANODES_MAX));
    } else if (flag == "--namenode-port") {
      ASSIGN(const auto port, number(flag, value, 1, UINT16_MAX - 1));
      options.namenodePort = static_cast<std::uint16_t>(port);
    } else {
      ASSIGN(options.stopDatanode, number(flag, value, 1, DATANODES_MAX));
    }
  }
  if (options.anyPorts && options.namenodePort) {
    return fail(Code::INVALID_ARGUMENT,
                "flags --ports auto and --namenode-port exclude each other");
  }
  return options;
}

}  // namespace cairn::app
