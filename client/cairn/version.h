// The version of this program, as the build gives it.
// Layer: client/cairn.
#pragma once

#include <string_view>

namespace cairn::app {

// "0.1.0".
std::string_view version();

}  // namespace cairn::app
