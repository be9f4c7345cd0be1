// The name under which a file is written until it is whole.
// Layer: client/shell.  Pure.
#pragma once

#include <string>
#include <string_view>

namespace cairn::shell {

// Hadoop's; users know that such files are unfinished.
inline constexpr std::string_view TEMPORARY_SUFFIX = "._COPYING_";

// The path with the suffix; a name that would become longer than NAME_BYTES_MAX is cut before it,
// at a character's border.
std::string temporaryNameFor(std::string_view path);

}  // namespace cairn::shell
