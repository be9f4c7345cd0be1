// How a file's checksum is written, the same in both grammars.
// Layer: client/shell.  Pure.
#pragma once

#include <string>
#include <string_view>

#include "cairn/types.h"

namespace cairn::shell {

// "<path>\t<algorithm>\t<56 hex digits>\n", with `verbose` the chunk size behind a tab.
std::string checksumLine(std::string_view path, const FileChecksum& checksum, const Entry& file,
                         bool verbose);

}  // namespace cairn::shell
