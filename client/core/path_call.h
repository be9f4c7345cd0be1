// How much room a call to the namenode gets.
// Layer: client/core.
#pragma once

#include <capnp/common.h>

namespace cairn::client {

// About what a call with a path or two takes, in words of 8 bytes; a longer one gets more. Without
// it each request would take, and clear, 8 KiB.
inline constexpr capnp::MessageSize PATH_CALL{64, 0};

}  // namespace cairn::client
