// rename: gives a file or a directory of any size another name, in one step.
// Layer: ops.
#pragma once

#include "namenode/ops/context.h"
#include "namenode/ops/path.h"

namespace cairn::nn {

struct RenameRequest {
  const Path& from;
  const Path& to;          // the new full name
  bool overwrite = false;  // a file by a file, an empty directory by a directory
  bool moveInto = false;   // a directory `to` gets an entry of the old name
};

// HDFS's rename2, with its texts; with moveInto its first rename: then a new name that is the old
// one is no error, and HDFS's protocol answers false, and no text, for NOT_FOUND, ALREADY_EXISTS
// and INVALID_ARGUMENT. NOT_FOUND (source, or the target's parent), ALREADY_EXISTS,
// INVALID_ARGUMENT (the root; into its own subtree; a reserved name), INVALID_PATH (with moveInto,
// for ".snapshot", of which HDFS says why), NOT_A_DIRECTORY, PERMISSION_DENIED (write on both
// parents; sticky bit, for a replaced target too), LIMIT_EXCEEDED. What lies below a directory
// is not looked at: its paths may be beyond the limits afterwards (docs/decisions/0010).
Result<Outcome> rename(Draft& draft, Context& context, const RenameRequest& request);

}  // namespace cairn::nn
