// Failures in the words of POSIX tools.
// Layer: client/shell.  Pure.
#pragma once

#include <string>

#include "common/base/status.h"

namespace cairn::shell {

// "no such file or directory" for what `ls` would say so, the failure's own message for the rest.
std::string posixText(const Status& failure);

}  // namespace cairn::shell
