#include "client/cairn/own_flags.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace cairn::app {
namespace {

struct Short {
  std::string_view flag;
  std::string_view key;
  std::string_view fixed;  // "": the flag has a value of its own
};

constexpr auto SHORTS = std::to_array<Short>({
    {"--namenode", "client.namenode", ""},
    {"--jobtracker", "client.jobtracker", ""},
    {"--user", "client.user", ""},
    {"--no-short-circuit", "client.short_circuit", "false"},
});

}  // namespace

Result<OwnFlags> takeOwnFlags(std::vector<std::string> args) {
  OwnFlags taken;
  for (std::size_t i = 0; i < args.size(); ++i) {
    if (args[i] == "--") {
      taken.rest.insert(taken.rest.end(), args.begin() + static_cast<std::ptrdiff_t>(i),
                        args.end());
      break;
    }
    const auto equals = args[i].find('=');
    const auto name = args[i].substr(0, equals);
    const auto found = std::ranges::find(SHORTS, name, &Short::flag);
    if (found == SHORTS.end() || (!found->fixed.empty() && equals != std::string::npos)) {
      taken.rest.push_back(std::move(args[i]));
      continue;
    }
    std::string value(found->fixed);
    if (value.empty()) {
      if (equals != std::string::npos) {
        value = args[i].substr(equals + 1);
      } else if (i + 1 < args.size()) {
        value = args[++i];
      } else {
        return fail(Code::INVALID_ARGUMENT, "flag " + name + " needs a value");
      }
    }
    taken.flags.push_back({std::string(found->key), std::move(value), name});
  }
  return taken;
}

}  // namespace cairn::app
