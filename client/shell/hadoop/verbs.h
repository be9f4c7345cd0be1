// The verbs of `cairn fs`, each in a file of its own name.
// Layer: client/shell.
#pragma once

#include "client/shell/hadoop/fs_call.h"

namespace cairn::shell::hadoop {

extern const FsVerb CAT;
extern const FsVerb COPY_FROM_LOCAL;
extern const FsVerb COPY_TO_LOCAL;
extern const FsVerb DU;
extern const FsVerb GET;
extern const FsVerb LS;
extern const FsVerb MKDIR;
extern const FsVerb MV;
extern const FsVerb PUT;
extern const FsVerb RM;
extern const FsVerb STAT;
extern const FsVerb TEST;
extern const FsVerb TOUCHZ;

}  // namespace cairn::shell::hadoop
