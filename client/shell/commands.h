// Every command of this folder, each in a file of its own name.
// Layer: client/shell.
#pragma once

#include "client/shell/command.h"

namespace cairn::shell {

extern const Command PUT_COMMAND;
extern const Command GET_COMMAND;
extern const Command LS_COMMAND;
extern const Command CAT_COMMAND;
extern const Command MKDIR_COMMAND;
extern const Command RM_COMMAND;
extern const Command MV_COMMAND;
extern const Command STAT_COMMAND;
extern const Command DU_COMMAND;
extern const Command ADMIN_COMMAND;
extern const Command FSCK_COMMAND;
extern const Command FS_COMMAND;

}  // namespace cairn::shell
