#include "client/shell/commands.h"

#include <array>

namespace cairn::shell {

std::span<const Command> fileCommands() {
  static const std::array ALL = {PUT_COMMAND,   GET_COMMAND,   LS_COMMAND,   CAT_COMMAND,
                                 MKDIR_COMMAND, RM_COMMAND,    MV_COMMAND,   STAT_COMMAND,
                                 DU_COMMAND,    ADMIN_COMMAND, FSCK_COMMAND, FS_COMMAND};
  return ALL;
}

}  // namespace cairn::shell
