// The verbs of `cairn fs`, for completion.
// Layer: client/shell.  Constant data.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cairn::shell {

// Without their dashes, sorted.
std::vector<std::string_view> fsVerbNames();
// "-R" and the like, of one verb; none of one that does not exist.
std::vector<std::string> fsVerbFlags(std::string_view verb);

}  // namespace cairn::shell
