// The formats of `cairn stat -c`: coreutils' letters, and some of our own (see stat.cc).
// Layer: client/shell.  Pure.
#pragma once

#include <string>
#include <string_view>

#include "cairn/types.h"
#include "common/base/result.h"

namespace cairn::shell {

// INVALID_ARGUMENT names the letter that means nothing.
Result<void> checkStatFormat(std::string_view format);
// REQUIRES: the format was checked.
std::string formatStat(std::string_view format, std::string_view name, const Entry& entry);

}  // namespace cairn::shell
