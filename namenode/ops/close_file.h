// The end of writing: what complete, a released lease and a recovery have in common.
// Layer: ops.
#pragma once

#include "namenode/ops/context.h"
#include "namenode/ops/open_file.h"

namespace cairn::nn {

// Closes the file and takes its lease away. `before`: its row as it stands; `file.entry`: as it is
// to be, but for what closing changes. Returns the entry as it is now. REQUIRES: it has a lease;
// its last chunk is committed.
record::Dirent closeFile(Draft& draft, PlacedFile file, const record::Dirent& before,
                         UnixMillis nowMs);

}  // namespace cairn::nn
