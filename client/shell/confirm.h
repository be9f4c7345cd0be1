// A question to the user.
// Layer: client/shell.
#pragma once

#include <string>

#include "client/shell/console.h"

namespace cairn::shell {

// Asks on standard error and reads lines from standard input until one is y, yes, n or no; the end
// of the input means no.
bool confirm(Console& console, const std::string& question);

}  // namespace cairn::shell
