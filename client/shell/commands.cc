#include "client/shell/commands.h"

#include <array>

namespace cairn::shell {

std::span<const Command> fileCommands() {
  static const std::array ALL = {LS_COMMAND};
  return ALL;
}

}  // namespace cairn::shell
