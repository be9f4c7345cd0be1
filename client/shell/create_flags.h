// The flags with which a verb says how a new file is to be stored.
// Layer: client/shell.
#pragma once

#include "cairn/options.h"
#include "client/shell/verb.h"
#include "common/base/result.h"

namespace cairn::shell {

// Takes --replication, --chunk-size, --codec and --zstd-level over into `options`.
// INVALID_ARGUMENT with the reason.
Result<void> applyCreateFlags(const Verb& verb, CreateOptions& options);

// A whole number within [min, max]; INVALID_ARGUMENT names `what`.
Result<std::int64_t> parseNumber(std::string_view what, std::string_view text, std::int64_t min,
                                 std::int64_t max);

}  // namespace cairn::shell
