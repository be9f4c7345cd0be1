// The version of this program, as the build gives it.
// Layer: client/cairn.
#pragma once

#include <string_view>

namespace cairn::app {

inline constexpr std::string_view VERSION = CAIRN_VERSION;

}  // namespace cairn::app
