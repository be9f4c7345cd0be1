#include "client/shell/hadoop/local_uri.h"

namespace cairn::shell::hadoop {

std::string localPathOf(std::string_view operand) {
  constexpr std::string_view SCHEME = "file:";
  constexpr std::string_view NO_HOST = "//";
  if (!operand.starts_with(SCHEME)) return std::string(operand);
  auto path = operand.substr(SCHEME.size());
  if (path.starts_with("///")) path.remove_prefix(NO_HOST.size());
  const bool namesHost = path.starts_with(NO_HOST);
  return std::string(path.starts_with('/') && !namesHost ? path : operand);
}

}  // namespace cairn::shell::hadoop
