// setTimes: when a file or directory was changed last, and a file read last.
// Layer: ops.
#pragma once

#include "namenode/ops/context.h"
#include "namenode/ops/path.h"

namespace cairn::nn {

// "Stays as it is".
inline constexpr UnixMillis TIME_STAYS = -1;

// A directory has no time of access: `atimeMs` is ignored. PERMISSION_DENIED (write on the entry),
// NOT_FOUND, NOT_A_DIRECTORY.
Result<Outcome> setTimes(Draft& draft, Context& context, const Path& path, UnixMillis mtimeMs,
                         UnixMillis atimeMs);

}  // namespace cairn::nn
