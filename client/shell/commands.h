// Every command of this folder.
// Layer: client/shell.
#pragma once

#include "client/shell/command.h"

namespace cairn::shell {

extern const Command PUT_COMMAND;
extern const Command MOVE_FROM_LOCAL_COMMAND;
extern const Command APPEND_COMMAND;
extern const Command GET_COMMAND;
extern const Command GETMERGE_COMMAND;
extern const Command LS_COMMAND;
extern const Command CAT_COMMAND;
extern const Command TEXT_COMMAND;
extern const Command HEAD_COMMAND;
extern const Command TAIL_COMMAND;
extern const Command FIND_COMMAND;
extern const Command STAT_COMMAND;
extern const Command TEST_COMMAND;
extern const Command MKDIR_COMMAND;
extern const Command TOUCH_COMMAND;
extern const Command TOUCHZ_COMMAND;
extern const Command RM_COMMAND;
extern const Command RMDIR_COMMAND;
extern const Command EXPUNGE_COMMAND;
extern const Command MV_COMMAND;
extern const Command CP_COMMAND;
extern const Command TRUNCATE_COMMAND;
extern const Command CHECKSUM_COMMAND;
extern const Command CONCAT_COMMAND;
extern const Command CHMOD_COMMAND;
extern const Command CHOWN_COMMAND;
extern const Command CHGRP_COMMAND;
extern const Command SETCODEC_COMMAND;
extern const Command SETREP_COMMAND;
extern const Command GETFATTR_COMMAND;
extern const Command SETFATTR_COMMAND;
extern const Command DU_COMMAND;
extern const Command COUNT_COMMAND;
extern const Command DF_COMMAND;
extern const Command ADMIN_COMMAND;
extern const Command FSCK_COMMAND;
extern const Command FS_COMMAND;
extern const Command COPY_FROM_LOCAL_COMMAND;
extern const Command COPY_TO_LOCAL_COMMAND;
extern const Command APPEND_TO_FILE_COMMAND;

}  // namespace cairn::shell
