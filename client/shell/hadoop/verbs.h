// The verbs of `cairn fs`, each in a file of its own name.
// Layer: client/shell.
#pragma once

#include "client/shell/hadoop/fs_call.h"

namespace cairn::shell::hadoop {

extern const FsVerb APPEND_TO_FILE;
extern const FsVerb CAT;
extern const FsVerb CHECKSUM;
extern const FsVerb CHGRP;
extern const FsVerb CHMOD;
extern const FsVerb CHOWN;
extern const FsVerb CONCAT;
extern const FsVerb COPY_FROM_LOCAL;
extern const FsVerb COPY_TO_LOCAL;
extern const FsVerb COUNT;
extern const FsVerb CP;
extern const FsVerb DF;
extern const FsVerb DU;
extern const FsVerb EXPUNGE;
extern const FsVerb FIND;
extern const FsVerb GET;
extern const FsVerb GETFATTR;
extern const FsVerb GETMERGE;
extern const FsVerb HEAD;
extern const FsVerb LS;
extern const FsVerb MKDIR;
extern const FsVerb MOVE_FROM_LOCAL;
extern const FsVerb MOVE_TO_LOCAL;
extern const FsVerb MV;
extern const FsVerb PUT;
extern const FsVerb RM;
extern const FsVerb RMDIR;
extern const FsVerb SETFATTR;
extern const FsVerb SETREP;
extern const FsVerb STAT;
extern const FsVerb TAIL;
extern const FsVerb TEST;
extern const FsVerb TEXT;
extern const FsVerb TOUCH;
extern const FsVerb TOUCHZ;
extern const FsVerb TRUNCATE;

}  // namespace cairn::shell::hadoop
