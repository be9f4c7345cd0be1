#include "client/shell/commands.h"

#include <array>

namespace cairn::shell {

std::span<const Command> fileCommands() {
  static const std::array ALL = {PUT_COMMAND,
                                 MOVE_FROM_LOCAL_COMMAND,
                                 APPEND_COMMAND,
                                 GET_COMMAND,
                                 GETMERGE_COMMAND,
                                 LS_COMMAND,
                                 CAT_COMMAND,
                                 TEXT_COMMAND,
                                 HEAD_COMMAND,
                                 TAIL_COMMAND,
                                 FIND_COMMAND,
                                 STAT_COMMAND,
                                 TEST_COMMAND,
                                 MKDIR_COMMAND,
                                 TOUCH_COMMAND,
                                 TOUCHZ_COMMAND,
                                 RM_COMMAND,
                                 RMDIR_COMMAND,
                                 EXPUNGE_COMMAND,
                                 MV_COMMAND,
                                 CP_COMMAND,
                                 TRUNCATE_COMMAND,
                                 CONCAT_COMMAND,
                                 CHECKSUM_COMMAND,
                                 CHMOD_COMMAND,
                                 CHOWN_COMMAND,
                                 CHGRP_COMMAND,
                                 SETCODEC_COMMAND,
                                 SETREP_COMMAND,
                                 GETFATTR_COMMAND,
                                 SETFATTR_COMMAND,
                                 DU_COMMAND,
                                 COUNT_COMMAND,
                                 DF_COMMAND,
                                 ADMIN_COMMAND,
                                 FSCK_COMMAND,
                                 FS_COMMAND,
                                 COPY_FROM_LOCAL_COMMAND,
                                 COPY_TO_LOCAL_COMMAND,
                                 APPEND_TO_FILE_COMMAND};
  return ALL;
}

}  // namespace cairn::shell
