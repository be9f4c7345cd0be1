// setCompression: how new data is compressed, of a file or below a directory.
// Layer: ops.
#pragma once

#include <optional>

#include "namenode/ops/context.h"
#include "namenode/ops/path.h"

namespace cairn::nn {

// Faster than -5 hardly compresses; above 19 zstd needs more memory than a datanode gives it.
inline constexpr std::int32_t ZSTD_LEVEL_MIN = -5;
inline constexpr std::int32_t ZSTD_LEVEL_MAX = 19;

// INVALID_ARGUMENT: a level that zstd is not given.
Result<void> checkCompression(const CompressionSetting& compression);

// Of a directory: for files created below it from now on that name no compression of their own,
// unless a directory nearer to them says otherwise. Of a file: for chunks added from now on. Data
// that is there stays as it is. Nothing: a directory says nothing any more; INVALID_ARGUMENT for a
// file. PERMISSION_DENIED (write on the entry), NOT_FOUND, NOT_A_DIRECTORY.
Result<Outcome> setCompression(Draft& draft, Context& context, const Path& path,
                               std::optional<CompressionSetting> compression);

}  // namespace cairn::nn
