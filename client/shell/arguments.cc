#include "client/shell/arguments.h"

#include <algorithm>

#include "common/base/suggest.h"

namespace cairn::shell {
namespace {

std::string keyOf(const Flag& flag) {
  return flag.name.empty() ? std::string(1, flag.letter) : std::string(flag.name);
}

std::unexpected<Status> unknown(const std::string& spelled, std::string_view name,
                                std::span<const Flag> flags) {
  std::vector<std::string_view> names;
  for (const Flag& flag : flags) {
    if (!flag.name.empty()) names.push_back(flag.name);
  }
  const auto near = nearestName(name, names);
  return fail(Code::INVALID_ARGUMENT,
              "unknown flag " + spelled +
                  (near ? "; did you mean --" + std::string(*near) + "?" : std::string()));
}

}  // namespace

Result<Arguments> Arguments::parse(std::span<const std::string> args, std::span<const Flag> flags) {
  Arguments result;
  for (std::size_t i = 0; i < args.size(); ++i) {
    const std::string& arg = args[i];
    if (arg == "--") {
      result.operands_.insert(result.operands_.end(), args.begin() + static_cast<long>(i) + 1,
                              args.end());
      break;
    }
    if (arg.size() < 2 || arg[0] != '-') {
      result.operands_.push_back(arg);
      continue;
    }
    const auto valueOf = [&](const Flag& flag, const std::string& spelled,
                             std::optional<std::string> attached) -> Result<void> {
      if (!flag.takesValue) {
        if (attached) return fail(Code::INVALID_ARGUMENT, spelled + " takes no value");
        result.values_[keyOf(flag)] = "";
        return {};
      }
      if (!attached) {
        if (i + 1 == args.size()) return fail(Code::INVALID_ARGUMENT, spelled + " needs a value");
        attached = args[++i];
      }
      result.values_[keyOf(flag)] = std::move(*attached);
      return {};
    };
    if (arg[1] == '-') {
      const auto equals = arg.find('=');
      const std::string spelled = arg.substr(0, equals);
      const std::string_view name = std::string_view(spelled).substr(2);
      const auto flag = std::ranges::find(flags, name, &Flag::name);
      if (flag == flags.end()) return unknown(spelled, name, flags);
      std::optional<std::string> attached;
      if (equals != std::string::npos) attached = arg.substr(equals + 1);
      TRY(valueOf(*flag, spelled, std::move(attached)));
      continue;
    }
    for (std::size_t at = 1; at < arg.size(); ++at) {
      const std::string spelled = std::string("-") + arg[at];
      const auto flag = std::ranges::find(flags, arg[at], &Flag::letter);
      if (flag == flags.end()) return unknown(spelled, std::string_view(&arg[at], 1), flags);
      if (!flag->takesValue) {
        TRY(valueOf(*flag, spelled, std::nullopt));
        continue;
      }
      // What is left of the word is the value: -c%n.
      std::optional<std::string> attached;
      if (at + 1 < arg.size()) attached = arg.substr(at + 1);
      TRY(valueOf(*flag, spelled, std::move(attached)));
      break;
    }
  }
  return result;
}

std::optional<std::string> Arguments::value(std::string_view flag) const {
  const auto found = values_.find(flag);
  if (found == values_.end()) return std::nullopt;
  return found->second;
}

}  // namespace cairn::shell
