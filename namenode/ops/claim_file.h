// Who wants to write a file that is open for writing already.
// Layer: ops.
#pragma once

#include <cstdint>
#include <string_view>

#include "common/base/result.h"
#include "namenode/ops/context.h"
#include "namenode/ops/path.h"

namespace cairn::nn {

// After which it makes sense to ask again for a file whose writer is being replaced.
inline constexpr std::uint32_t RECOVERY_RETRY_MS = 1000;

// Why the caller cannot have `file`, which is under construction: LEASE_CONFLICT with HDFS's texts;
// `operation`: HDFS's name, "APPEND_FILE". Sets context.closeFirst when its writer has been silent
// beyond the soft limit. While the file is being recovered the fault carries a retry hint.
std::unexpected<Status> refuseOpenFile(Context& context, const Path& path,
                                       const record::Dirent& file, std::string_view operation);

}  // namespace cairn::nn
