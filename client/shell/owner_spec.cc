#include "client/shell/owner_spec.h"

#include <algorithm>

namespace cairn::shell {
namespace {

constexpr std::string_view OTHERS = "_-+./@";

bool isName(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           OTHERS.find(c) != std::string_view::npos;
  });
}

}  // namespace

Result<OwnerSpec> parseOwnerSpec(std::string_view text) {
  const auto colon = text.find(':');
  OwnerSpec spec{.owner = std::string(text.substr(0, colon)),
                 .group = colon == std::string_view::npos ? std::string()
                                                          : std::string(text.substr(colon + 1))};
  const std::string quoted = "'" + std::string(text) + "'";
  if (!isName(spec.owner) || !isName(spec.group)) {
    return fail(Code::INVALID_ARGUMENT,
                quoted + " does not match expected pattern for [owner][:group].");
  }
  if (spec.owner.empty() && spec.group.empty()) {
    return fail(Code::INVALID_ARGUMENT, quoted + " does not specify owner or group.");
  }
  return spec;
}

Result<OwnerSpec> parseGroupSpec(std::string_view text) {
  if (text.empty() || !isName(text)) {
    return fail(Code::INVALID_ARGUMENT,
                "'" + std::string(text) + "' does not match expected pattern for group");
  }
  return OwnerSpec{.owner = "", .group = std::string(text)};
}

}  // namespace cairn::shell
