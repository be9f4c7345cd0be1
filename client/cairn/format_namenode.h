// Making a new, empty file system.
// Layer: client/cairn.  Threads: any; blocks.
#pragma once

#include "common/base/result.h"
#include "common/config/namenode_config.h"

namespace cairn::app {

// ALREADY_EXISTS when config.directory holds a file system: it is never overwritten.
Result<void> formatNamenode(const config::NamenodeConfig& config);
// The same where that is no error.
Result<void> formatNamenodeIfNew(const config::NamenodeConfig& config);

}  // namespace cairn::app
