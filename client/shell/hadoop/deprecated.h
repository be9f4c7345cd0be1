// Verbs that Hadoop has kept for old scripts: -lsr, -rmr and -dus.
// Layer: client/shell.
#pragma once

#include <span>

#include "client/shell/hadoop/fs_call.h"

namespace cairn::shell::hadoop {

// Not in the list of verbs, as in Hadoop; each says on standard error what to use instead.
std::span<const FsVerb> deprecatedVerbs();

}  // namespace cairn::shell::hadoop
