// mkdirs: makes a directory, and on request those above it.
// Layer: ops.
#pragma once

#include "namenode/ops/context.h"
#include "namenode/ops/path.h"

namespace cairn::nn {

struct MkdirsRequest {
  const Path& path;
  std::uint16_t mode = 0755;  // the client has applied its umask
  bool createParents = true;
};

// answer.flag: whether anything was made; an existing directory is no error. ALREADY_EXISTS (a file
// of that name), NOT_A_DIRECTORY (a file above it), NOT_FOUND (no parent, without createParents),
// PERMISSION_DENIED (write, on the deepest directory that exists), LIMIT_EXCEEDED.
Result<Outcome> mkdirs(Draft& draft, Context& context, const MkdirsRequest& request);

}  // namespace cairn::nn
