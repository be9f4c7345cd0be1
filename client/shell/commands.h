// Every command of this folder, each in a file of its own name.
// Layer: client/shell.
#pragma once

#include "client/shell/command.h"

namespace cairn::shell {

extern const Command LS_COMMAND;

}  // namespace cairn::shell
