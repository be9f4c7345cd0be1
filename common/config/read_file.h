// Reads configuration files: small ones of the local file system.
// Layer: config.
#pragma once

#include <string>

#include "common/base/result.h"

namespace cairn::config {

// The whole of a file of at most a MiB. `named` stands for it in messages. LIMIT_EXCEEDED for a
// larger one, and what the system says (NOT_FOUND, PERMISSION_DENIED, IO_ERROR ...).
Result<std::string> readSmallFile(const std::string& path, const std::string& named);

}  // namespace cairn::config
