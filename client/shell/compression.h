// How compression is named by users and shown to them.
// Layer: client/shell.  Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cairn/types.h"
#include "common/base/result.h"

namespace cairn::shell {

// "zstd" (with the level, if one is given), "none", or "inherit": nothing, as the directory above
// has it. INVALID_ARGUMENT: another word, a level outside of -5..19 or with another word than zstd.
Result<std::optional<Compression>> parseCompression(std::string_view word,
                                                    const std::optional<std::string>& level);

// "zstd" or "none": of new data of a file, or of new files in a directory. "" for a directory that
// says nothing of its own.
std::string_view codecName(const Entry& entry);
// The same with the level: "zstd, level 9".
std::string compressionText(const Entry& entry);

}  // namespace cairn::shell
